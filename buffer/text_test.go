package buffer_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

func TestParse(t *testing.T) {
	pool := buffertest.Pool(t)
	for _, test := range []struct {
		text string
		base int // 16, 10, or -10 with a sign
		want uint64
		err  error
		at   int
	}{
		{"0", 10, 0, nil, 0},
		{"18446744073709551615", 10, math.MaxUint64, nil, 0},
		{"18446744073709551616", 10, 0, buffer.ErrTooLarge, 0},
		{"99999999999999999999999", 10, 0, buffer.ErrTooLarge, 0},
		{"000000000000000000000000000001", 10, 1, nil, 0},
		{"-1", 10, 0, buffer.ErrMalformed, 0},
		{"", 10, 0, buffer.ErrMalformed, 0},
		{"12 ", 10, 0, buffer.ErrMalformed, 2},
		{"1a", 10, 0, buffer.ErrMalformed, 1},
		{"-9223372036854775808", -10, 1 << 63, nil, 0},
		{"-9223372036854775809", -10, 0, buffer.ErrTooLarge, 1},
		{"9223372036854775807", -10, math.MaxInt64, nil, 0},
		{"9223372036854775808", -10, 0, buffer.ErrTooLarge, 0},
		{"-", -10, 0, buffer.ErrMalformed, 1},
		{"+1", -10, 0, buffer.ErrMalformed, 0},
		{"--1", -10, 0, buffer.ErrMalformed, 1},
		{"fFfFfFfFfFfFfFfF", 16, math.MaxUint64, nil, 0},
		{"10000000000000000", 16, 0, buffer.ErrTooLarge, 0},
		{"0x1", 16, 0, buffer.ErrMalformed, 1},
		{"g", 16, 0, buffer.ErrMalformed, 0},
		{strings.Repeat("0", 65), 16, 0, buffer.ErrTooLarge, 0},
	} {
		b := pool.Alloc(0)
		b.PutString("<" + test.text + ">")
		i, j := 1, 1+len(test.text)
		var v uint64
		var err error
		switch test.base {
		case 16:
			v, err = b.ParseHex(i, j)
		case 10:
			v, err = b.ParseUdecimal(i, j)
		default:
			var signed int64
			signed, err = b.ParseDecimal(i, j)
			v = uint64(signed)
		}
		b.Release()
		var e *buffer.ReadError
		switch {
		case test.err == nil && (err != nil || v != test.want):
			t.Errorf("%q in base %d: %d, %v, want %d", test.text, test.base, v, err, test.want)
		case test.err != nil && (!errors.Is(err, test.err) || !errors.As(err, &e) || e.At != test.at || v != 0):
			t.Errorf("%q in base %d: %d, %v, want %v at %d", test.text, test.base, v, err, test.err, test.at)
		}
	}
}

func TestDump(t *testing.T) {
	pool := buffertest.Pool(t)
	b := pool.Alloc(0)
	defer b.Release()
	b.PutString("GET / HTTP/1.1\r\nx")
	const want = "" +
		"00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|\n" +
		"00000010  78                                                |x|\n"
	if got := b.Dump(); got != want {
		t.Errorf("Dump:\n%swant:\n%s", got, want)
	}
	if err := b.WriteDump(failing{}); err != io.ErrClosedPipe {
		t.Errorf("WriteDump: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestString(t *testing.T) {
	pool := buffertest.Pool(t)
	b := pool.Alloc(0)
	for _, test := range []struct{ add, want string }{
		{"", "Buf(0 bytes in 0 pieces)"},
		{"\x00", `Buf(1 byte in 1 piece: "\x00")`},
		{strings.Repeat("x", 1<<20), `Buf(1048577 bytes in`},
	} {
		b.PutString(test.add)
		if got := fmt.Sprint(b); !strings.HasPrefix(got, test.want) || len(got) > 200 {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
	b.Release()
	//bufvet:ignore String is what may be called
	if got := fmt.Sprint(b); got != "Buf(released)" {
		t.Errorf("got %s", got)
	}
}

func TestByteSet(t *testing.T) {
	set := buffer.BytesOf("az")
	set.AddRange('0', '9')
	set.AddRange(0xfe, 0xff)
	for c := range 256 {
		want := c == 'a' || c == 'z' || c >= '0' && c <= '9' || c >= 0xfe
		if set.Has(byte(c)) != want {
			t.Errorf("Has(%#x) is %t", c, !want)
		}
	}
	set.Invert()
	if set.Has('a') || !set.Has('b') {
		t.Error("Invert did not")
	}
}
