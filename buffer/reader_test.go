package buffer_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// reading runs f with a reader over data.
func reading(t *testing.T, data string, f func(r *buffer.Reader)) {
	t.Helper()
	pool := buffertest.Pool(t)
	b := pool.Alloc(0)
	defer b.Release()
	b.PutString(data)
	r := buffer.NewReader(b)
	defer r.Close()
	f(r)
}

func TestReaderErrorIsSticky(t *testing.T) {
	reading(t, "\x01\x02\x03", func(r *buffer.Reader) {
		r.Uint8()
		if r.Uint32() != 0 || r.Err() != buffer.ErrShort || !r.AtEOF() {
			t.Fatalf("a short read: %v", r.Err())
		}
		if n := r.Need(); n != 5 {
			t.Errorf("Need is %d, want 5", n)
		}
		if r.Uint8() != 0 {
			t.Error("a reader went on after an error")
		}
		r.Fail(errors.New("later"))
		if r.Err() != buffer.ErrShort {
			t.Errorf("the first error was replaced: %v", r.Err())
		}
	})
}

func TestReaderHugeNeed(t *testing.T) {
	reading(t, "abc", func(r *buffer.Reader) {
		r.Uint8()
		if r.Have(math.MaxInt) || r.Need() != math.MaxInt {
			t.Errorf("Need is %d", r.Need())
		}
	})
}

func TestReadErrors(t *testing.T) {
	for _, test := range []struct {
		name, data string
		read       func(r *buffer.Reader)
		err        error
		at         int
		text       string
	}{
		{"length", "..\x01\x00", func(r *buffer.Reader) { r.Skip(2); r.Length16(255) }, buffer.ErrTooLarge, 2,
			"length of 256 at byte 2 of the message: more than the maximum of 255"},
		{"length of 64 bits", "\xff\xff\xff\xff\xff\xff\xff\xff", func(r *buffer.Reader) { r.Length64(math.MaxInt) },
			buffer.ErrTooLarge, 0, "length of 18446744073709551615 at byte 0"},
		{"length as varint", ".\xe8\x07", func(r *buffer.Reader) { r.Skip(1); r.LengthUvarint(999) }, buffer.ErrTooLarge, 1,
			"length of 1000 at byte 1"},
		{"length, negative maximum", "\x01", func(r *buffer.Reader) { r.Length8(-1) }, buffer.ErrTooLarge, 0, "maximum of 0"},
		{"length, checked", "\x01\x02", func(r *buffer.Reader) { r.Length(uint64(r.Uint16LE()), 512) }, buffer.ErrTooLarge, 2,
			"length of 513"},
		{"varint, too long", ".\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", func(r *buffer.Reader) { r.Skip(1); r.Uvarint() },
			buffer.ErrMalformed, 1, "varint at byte 1 of the message: buffer: malformed input"},
		{"varint, ten bytes without an end", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", func(r *buffer.Reader) { r.Uvarint() },
			buffer.ErrMalformed, 0, ""},
		{"varint, too large", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", func(r *buffer.Reader) { r.Varint() },
			buffer.ErrMalformed, 0, ""},
		{"delimiter", "abcdef", func(r *buffer.Reader) { r.Skip(1); r.Until('\n', 4) }, buffer.ErrTooLarge, 1,
			"text before a delimiter of 5 at byte 1"},
		{"delimiter, too late", "abcdef\n", func(r *buffer.Reader) { r.Until('\n', 5) }, buffer.ErrTooLarge, 0, ""},
		{"sequence", "abcdef\r", func(r *buffer.Reader) { r.UntilSequence([]byte("\r\n"), 5) }, buffer.ErrTooLarge, 0, ""},
		{"negative length", "abc", func(r *buffer.Reader) { r.Next(-1) }, buffer.ErrMalformed, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			reading(t, test.data, func(r *buffer.Reader) {
				test.read(r)
				var e *buffer.ReadError
				if !errors.As(r.Err(), &e) || !errors.Is(e, test.err) || e.At != test.at {
					t.Fatalf("got %#v, want %v at %d", r.Err(), test.err, test.at)
				}
				if !strings.Contains(e.Error(), test.text) {
					t.Errorf("the error says %q, want %q", e, test.text)
				}
			})
		})
	}
}

func TestUntil(t *testing.T) {
	reading(t, "a line\r\n\nno end", func(r *buffer.Reader) {
		if p := r.UntilSequence([]byte("\r\n"), 6); string(p) != "a line" {
			t.Errorf("got %q", p)
		}
		if p := r.Until('\n', 6); p == nil || len(p) != 0 {
			t.Errorf("got %q (nil: %t), want an empty slice", p, p == nil)
		}
		if p := r.Until('\n', 6); p != nil || r.Err() != buffer.ErrShort || r.Need() != 9+7 {
			t.Errorf("got %q, %v, Need %d", p, r.Err(), r.Need())
		}
	})
}

// TestUntilLooksOnce feeds a long line in small pieces to a decoder that starts over each time, and counts where its search
// began.
func TestUntilLooksOnce(t *testing.T) {
	pool := buffertest.Pool(t)
	c := pool.NewCache()
	defer c.Close()
	for _, end := range []string{"\n", "\r\n\r\n"} {
		var from, to int
		src := c.Alloc(0)
		line := strings.Repeat("\r\n.", 1000)
		for i := 0; i < len(line); i += 7 {
			src.PutString(line[i:min(i+7, len(line))])
			r := c.Reader(src)
			r.SetScanned(from, to)
			r.UntilSequence([]byte(end), 10000)
			if end == "\n" {
				r.Rollback()
				r.SetScanned(from, to)
				r.Until('\xff', 10000)
			}
			if r.Err() != buffer.ErrShort {
				t.Fatal(r.Err())
			}
			from, to = r.Scanned()
			if want := src.Len() - len(end) + 1; from != 0 || to != want {
				t.Fatalf("looked from %d to %d, want 0 to %d", from, to, want)
			}
			r.Rollback()
			r.Close()
		}
		if end != "\n" {
			src.PutString("\r\n\r\n")
			r := c.Reader(src)
			r.SetScanned(from, to)
			if b := r.TakeUntilSequence([]byte(end), 10000); b.Len() != len(line) {
				t.Errorf("took %d bytes of %d", b.Len(), len(line))
			}
			r.Rollback()
			r.Close()
		}
		src.Release()
	}
}

// TestTakeHeadroom checks that the header which was read by value becomes headroom, and what was lent does not.
func TestTakeHeadroom(t *testing.T) {
	pool := buffertest.Pool(t)
	c := pool.NewCache()
	defer c.Close()
	room, _ := c.ReceiveRoom()
	src := c.Received(copy(room, "HEADbodyHEADbody"))
	r := c.Reader(src)
	r.Uint32()
	first := r.Take(4)
	r.Commit()
	r.Repay()
	head := r.Next(4)
	second := r.Take(4)
	r.Commit()
	copy(first.Prepend(4), "head")
	copy(second.Prepend(4), "copy")
	if first.Segments() != 1 || second.Segments() != 2 || string(head) != "HEAD" {
		t.Errorf("%v, %v, %q", first, second, head)
	}
	r.Close()
	first.Release()
	second.Release()
	src.Release()
}

func TestReaderWidths(t *testing.T) {
	reading(t, "\x01\x02\x03\x04\x05\x06\x07\x08", func(r *buffer.Reader) {
		var big, little uint64
		for n := 1; n <= 8; n++ {
			big = big<<8 | uint64(n)
			little |= uint64(n) << (8 * (n - 1))
			if got := r.Uint(n); got != big {
				t.Errorf("Uint(%d) is %#x, want %#x", n, got, big)
			}
			r.Rollback()
			if got := r.UintLE(n); got != little {
				t.Errorf("UintLE(%d) is %#x, want %#x", n, got, little)
			}
			r.Rollback()
		}
	})
}
