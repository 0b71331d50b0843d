package codec_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/codec/codectest"
)

// Frames that hold "hi" and "" in many formats.
func TestLengthField(t *testing.T) {
	for _, c := range []struct {
		name  string
		f     codec.LengthField
		input string
		want  []string
		calls int
	}{
		{"zero value", codec.LengthField{}, "\x00\x00\x00\x02hi\x00\x00\x00\x00", []string{"hi", ""}, 5},
		{"1 byte", codec.LengthField{Width: 1}, "\x02hi\x00", []string{"hi", ""}, 3},
		{"2 bytes", codec.LengthField{Width: 2}, "\x00\x02hi\x00\x00", []string{"hi", ""}, 5},
		{"3 bytes", codec.LengthField{Width: 3}, "\x00\x00\x02hi\x00\x00\x00", []string{"hi", ""}, 5},
		{"4 bytes, little-endian", codec.LengthField{Order: binary.LittleEndian}, "\x02\x00\x00\x00hi\x00\x00\x00\x00", []string{"hi", ""}, 5},
		{"5 bytes, little-endian", codec.LengthField{Width: 5, Order: binary.LittleEndian}, "\x02\x00\x00\x00\x00hi\x00\x00\x00\x00\x00", []string{"hi", ""}, 5},
		{"6 bytes", codec.LengthField{Width: 6}, "\x00\x00\x00\x00\x00\x02hi\x00\x00\x00\x00\x00\x00", []string{"hi", ""}, 5},
		{"7 bytes", codec.LengthField{Width: 7}, "\x00\x00\x00\x00\x00\x00\x02hi\x00\x00\x00\x00\x00\x00\x00", []string{"hi", ""}, 5},
		{"8 bytes, little-endian", codec.LengthField{Width: 8, Order: binary.LittleEndian}, "\x02\x00\x00\x00\x00\x00\x00\x00hi\x00\x00\x00\x00\x00\x00\x00\x00", []string{"hi", ""}, 5},
		{"all bytes count", codec.LengthField{Width: 3, Order: binary.LittleEndian}, "\x01\x01\x00" + strings.Repeat("x", 257), []string{strings.Repeat("x", 257)}, 3},
		{"offset", codec.LengthField{Offset: 2, Width: 2}, "AB\x00\x02hiCD\x00\x00", []string{"hi", ""}, 5},
		{"length counts the header", codec.LengthField{Width: 2, Adjust: -2}, "\x00\x04hi\x00\x02", []string{"hi", ""}, 5},
		{"length is 3 too small", codec.LengthField{Width: 1, Adjust: 3}, "\x02hi123\x00456", []string{"hi123", "456"}, 5},
		{"nothing stripped", codec.LengthField{Width: 2, Strip: -1}, "\x00\x02hi\x00\x00", []string{"\x00\x02hi", "\x00\x00"}, 5},
		{"front stripped", codec.LengthField{Offset: 3, Width: 2, Strip: 2}, "MMv\x00\x02hiMMw\x00\x00", []string{"v\x00\x02hi", "w\x00\x00"}, 5},
		{"length first in message", codec.LengthField{Offset: 2, Width: 2, Strip: 2, Order: binary.LittleEndian}, "MM\x02\x00hi", []string{"\x02\x00hi"}, 3},
		{"kept, length of all", codec.LengthField{Offset: 1, Width: 2, Strip: -1, Adjust: -3}, "T\x00\x05hiT\x00\x03", []string{"T\x00\x05hi", "T\x00\x03"}, 5},
		{"largest", codec.LengthField{Width: 1, Max: 2}, "\x02hi", []string{"hi"}, 2},
		{"largest with adjust", codec.LengthField{Width: 1, Max: 2, Adjust: -1}, "\x03hi", []string{"hi"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			codectest.Verify(t, codectest.Frames(c.f.Framer()), codectest.Case{Input: c.input, Want: c.want, MaxCalls: c.calls})
		})
	}
}

func TestLengthFieldRejects(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      codec.LengthField
		reject codectest.Reject
	}{
		{"default maximum", codec.LengthField{}, codectest.Reject{Input: "\x00\x10\x00\x01x", After: 4, Err: buffer.ErrTooLarge}},
		{"top bit", codec.LengthField{}, codectest.Reject{Input: "\xff\xff\xff\xffx", After: 4, Err: buffer.ErrTooLarge}},
		{"after messages", codec.LengthField{Width: 1, Max: 1}, codectest.Reject{Input: "\x01a\x01b\x02x", Want: []string{"a", "b"}, After: 5, Err: buffer.ErrTooLarge}},
		{"8 bytes, all ones", codec.LengthField{Width: 8, Max: math.MaxInt}, codectest.Reject{Input: "\xff\xff\xff\xff\xff\xff\xff\xffx", After: 8, Err: buffer.ErrTooLarge}},
		{"8 bytes, top bit, negative adjust", codec.LengthField{Width: 8, Adjust: -8}, codectest.Reject{Input: "\x80\x00\x00\x00\x00\x00\x00\x09xx", After: 8, Err: buffer.ErrTooLarge}},
		{"8 bytes, adjust and length overflow", codec.LengthField{Width: 8, Adjust: 9}, codectest.Reject{Input: "\xff\xff\xff\xff\xff\xff\xff\xf8xx", After: 8, Err: buffer.ErrTooLarge}},
		{"8 bytes, little-endian", codec.LengthField{Width: 8, Order: binary.LittleEndian}, codectest.Reject{Input: "\x00\x00\x00\x00\x00\x00\x00\x01xx", After: 8, Err: buffer.ErrTooLarge}},
		{"kept", codec.LengthField{Offset: 1, Width: 2, Strip: -1, Max: 255}, codectest.Reject{Input: "T\x01\x00x", After: 3, Err: buffer.ErrTooLarge}},
		{"maximum is of the body", codec.LengthField{Width: 1, Adjust: 2, Max: 3}, codectest.Reject{Input: "\x01abc\x02abcd", Want: []string{"abc"}, After: 5, Err: buffer.ErrTooLarge}},
		{"less than the header", codec.LengthField{Width: 2, Adjust: -2}, codectest.Reject{Input: "\x00\x03h\x00\x01x", Want: []string{"h"}, After: 5, Err: buffer.ErrMalformed}},
		{"less than the header, kept", codec.LengthField{Width: 2, Strip: -1, Adjust: -2}, codectest.Reject{Input: "\x00\x00", Err: buffer.ErrMalformed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			codectest.VerifyRejects(t, codectest.Frames(c.f.Framer()), c.reject)
		})
	}
}

func TestLengthFieldWrap(t *testing.T) {
	messages := []string{"hello", "", "x"}
	codectest.VerifyFramer(t, codec.LengthField{Width: 2}.Framer(), "hello", strings.Repeat("long ", 60))
	step := 1
	if testing.Short() {
		step = 3
	}
	for width := 2; width <= 8; width += step {
		for _, order := range []binary.ByteOrder{binary.BigEndian, binary.LittleEndian} {
			for _, f := range []codec.LengthField{
				{Width: width, Order: order},
				{Width: width, Order: order, Offset: 3},
				{Width: width, Order: order, Offset: 1, Adjust: -1 - width},
			} {
				codectest.VerifyFramer(t, f.Framer(), messages...)
			}
		}
	}
	codectest.VerifyFramer(t, codec.LengthField{Width: 1, Adjust: 2}.Framer(), "ab", "abc")
	// A message that begins with its header gets the length set.
	codectest.VerifyFramer(t, codec.LengthField{Offset: 1, Width: 2, Strip: -1}.Framer(), "T\x00\x02hi", "U\x00\x00")
	codectest.VerifyFramer(t, codec.LengthField{Offset: 2, Width: 1, Strip: 1}.Framer(), "T\x02hi", "U\x00")

	tooLarge, malformed := buffer.ErrTooLarge, buffer.ErrMalformed
	codectest.VerifyRefuses(t, codec.LengthField{Max: 3}.Framer(), tooLarge, "abcd")
	codectest.VerifyRefuses(t, codec.LengthField{Width: 2, Max: 3}.Framer(), tooLarge, "abcd")
	codectest.VerifyRefuses(t, codec.LengthField{Width: 1}.Framer(), tooLarge, strings.Repeat("x", 256))
	codectest.VerifyRefuses(t, codec.LengthField{Width: 1, Adjust: -1}.Framer(), tooLarge, strings.Repeat("x", 255))
	codectest.VerifyRefuses(t, codec.LengthField{Width: 1, Adjust: 2}.Framer(), malformed, "", "a")
	codectest.VerifyRefuses(t, codec.LengthField{Width: 2, Strip: -1}.Framer(), malformed, "", "a")
	codectest.VerifyRefuses(t, codec.LengthField{Offset: 1, Width: 2, Strip: -1, Adjust: -3}.Framer(), malformed, "", "T")
}

func TestLengthFieldPanics(t *testing.T) {
	for _, f := range []codec.LengthField{
		{Width: 9}, {Width: -1}, {Offset: -1}, {Offset: 1 << 20}, {Max: -1},
		{Strip: 5}, {Strip: 2}, {Offset: 2, Strip: 3}, {Order: binary.NativeEndian},
		{Max: 2, Adjust: 3}, {Width: 1, Adjust: -256}, {Width: 1, Adjust: math.MinInt},
	} {
		mustPanic(t, "codec: LengthField: ", func() { f.Framer() })
	}
}

// mustPanic checks that f panics with a message that begins so.
func mustPanic(t *testing.T, prefix string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if s, _ := recover().(string); !strings.HasPrefix(s, prefix) {
			t.Errorf("panic %q, not %q...", s, prefix)
		}
	}()
	f()
}

func FuzzLengthField(f *testing.F) {
	f.Add("\x00\x00\x00\x02hi\x00\x00\x00\x00", uint8(4), uint8(0), int8(0), int8(0), false)
	f.Add("AB\x04\x00hi", uint8(2), uint8(2), int8(-2), int8(-1), true)
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff", uint8(8), uint8(0), int8(-8), int8(0), false)
	f.Fuzz(func(t *testing.T, input string, width, offset uint8, adjust, strip int8, little bool) {
		c := codec.LengthField{Width: int(width%8) + 1, Offset: int(offset % 8), Adjust: int(adjust), Strip: int(strip), Max: 300}
		if little {
			c.Order = binary.LittleEndian
		}
		if c.Strip > c.Offset || c.Width == 1 && c.Adjust == -128 {
			c.Strip = 0
		}
		codectest.Compare(t, codectest.Frames(c.Framer()), func(p string) (string, int, error) {
			return naiveLengthField(c, p)
		}, input)
	})
}

// naiveLengthField is LengthField with big-endian arithmetic on whole strings.
func naiveLengthField(c codec.LengthField, p string) (string, int, error) {
	head := c.Offset + c.Width
	if len(p) < head {
		return "", 0, nil
	}
	field := []byte(p[c.Offset:head])
	if c.Order == binary.LittleEndian {
		for i, j := 0, len(field)-1; i < j; i, j = i+1, j-1 {
			field[i], field[j] = field[j], field[i]
		}
	}
	n := c.Adjust
	for i, b := range field {
		if b != 0 && len(field)-i > 3 {
			return "", 0, buffer.ErrTooLarge
		}
		n += int(b) << (8 * (len(field) - i - 1) % 64)
	}
	switch {
	case n < 0:
		return "", 0, buffer.ErrMalformed
	case n > c.Max:
		return "", 0, buffer.ErrTooLarge
	case len(p) < head+n:
		return "", 0, nil
	}
	strip := c.Strip
	if strip == 0 {
		strip = head
	}
	return p[max(strip, 0) : head+n], head + n, nil
}
