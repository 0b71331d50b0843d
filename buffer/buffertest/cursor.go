package buffertest

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/ropewalk/ropewalk/buffer"
)

// A cursor checks a Reader that leaves its Buf as it is against the bytes that it reads.
type cursor struct {
	*world
	r    *buffer.Reader
	want []byte // what was not read yet
	pos  int    // from the start of the message
	lent []loan
	over bool // the reader has failed
}

// checkReader reads b in random ways.
func checkReader(w *world, b *buffer.Buf, want []byte) {
	c := &cursor{world: w, r: buffer.NewReader(b), want: want}
	for range between(w.dice, 1, 12) {
		c.read()
		if c.over {
			c.failed()
			break
		}
		if c.r.Err() != nil || c.r.Len() != len(c.want) || c.r.Offset() != c.pos || c.r.Need() != 0 {
			w.fail("reader at %d (want %d) has %d (want %d): %v", c.r.Offset(), c.pos, c.r.Len(), len(c.want), c.r.Err())
		}
		if w.dice.IntN(8) == 0 {
			c.r.Commit()
			c.pos = 0
		}
		for _, l := range c.lent {
			if !bytes.Equal(l.p, l.want) {
				w.fail("a borrowed slice changed")
			}
		}
	}
	c.r.Close()
	c.r.Close()
}

// failed checks that nothing can be read any more.
func (c *cursor) failed() {
	r := c.r
	if r.Uint8() != 0 || r.Uint64() != 0 || r.Next(1) != nil || r.Take(1) != nil || r.Until(0, 9) != nil || r.Uvarint() != 0 ||
		r.String(1) != "" || r.Have(0) || r.Len() != 0 || r.Length8(255) != 0 || r.TakeRest() != nil {
		c.fail("a reader went on after %v", r.Err())
	}
}

// has tells whether n bytes are left; if not, the reader must just have failed for want of them.
func (c *cursor) has(n int) bool {
	if n <= len(c.want) {
		return true
	}
	c.over = true
	if c.r.Err() != buffer.ErrShort || c.r.Need() != c.pos+n {
		c.fail("want of %d bytes at %d of %d: Need is %d, %v", n, c.pos, c.pos+len(c.want), c.r.Need(), c.r.Err())
	}
	return false
}

func (c *cursor) skip(n int) { c.pos, c.want = c.pos+n, c.want[n:] }

func (c *cursor) same(what string, got, want []byte) {
	if !bytes.Equal(got, want) {
		c.fail("%s at %d of %d: got %d bytes, want %d others", what, c.pos, c.pos+len(c.want), len(got), len(want))
	}
}

// read makes one call.
func (c *cursor) read() {
	n := size(c.dice)
	switch c.dice.IntN(12) {
	case 0:
		if p := c.r.Peek(n); c.has(n) {
			c.same("Peek", p, c.want[:n])
			c.lent = append(c.lent, loan{p, bytes.Clone(p)})
		}
	case 1:
		if p := c.r.Next(n); c.has(n) {
			c.same("Next", p, c.want[:n])
			c.lent = append(c.lent, loan{p, bytes.Clone(p)})
			c.skip(n)
		}
	case 2:
		if c.r.Skip(n); c.has(n) {
			c.skip(n)
		}
	case 3:
		if b := c.r.Take(n); c.has(n) {
			c.step("   took %d: %d", n, c.ids+1)
			c.add(b, c.want[:n])
			c.skip(n)
		}
	case 4:
		if s := c.r.String(n); c.has(n) {
			c.same("String", []byte(s), c.want[:n])
			c.skip(n)
		}
	case 5:
		p := make([]byte, n)
		if c.r.Copy(p); c.has(n) {
			c.same("Copy", p, c.want[:n])
			c.skip(n)
		}
	case 6:
		c.varint()
	case 7:
		c.length()
	case 8, 9:
		c.until()
	default:
		f := &numbers[c.dice.IntN(len(numbers))]
		if v := f.read(c.r); c.has(f.n) {
			if v != f.decode(c.want) {
				c.fail("%s is %#x, want %#x", f.name, v, f.decode(c.want))
			}
			c.skip(f.n)
		}
	}
}

func (c *cursor) varint() {
	var v, want uint64
	var n int
	if c.dice.IntN(2) == 0 {
		v = c.r.Uvarint()
		want, n = binary.Uvarint(c.want)
	} else {
		v = uint64(c.r.Varint())
		var signed int64
		signed, n = binary.Varint(c.want)
		want = uint64(signed)
	}
	switch {
	case n > 0:
		if v != want {
			c.fail("varint is %d, want %d", v, want)
		}
		c.skip(n)
	case n == 0 && len(c.want) < binary.MaxVarintLen64:
		c.has(len(c.want) + 1)
	default:
		c.refused(buffer.ErrMalformed, c.pos)
	}
}

// refused checks that the reader failed with a ReadError.
func (c *cursor) refused(err error, at int) {
	c.over = true
	var e *buffer.ReadError
	if !errors.As(c.r.Err(), &e) || e.Err != err || e.At != at || e.Error() == "" {
		c.fail("got %v, want %v at %d", c.r.Err(), err, at)
	}
}

func (c *cursor) length() {
	most := c.dice.IntN(300)
	reads := []func(int) int{1: c.r.Length8, 2: c.r.Length16, 3: c.r.Length24, 4: c.r.Length32, 8: c.r.Length64}
	n := []int{1, 2, 3, 4, 8}[c.dice.IntN(5)]
	v := reads[n](most)
	if !c.has(n) {
		return
	}
	f := fixed{n: n}
	if want := f.decode(c.want); want > uint64(most) {
		c.refused(buffer.ErrTooLarge, c.pos)
	} else if uint64(v) != want {
		c.fail("a length of %d, want %d", v, want)
	}
	c.skip(n)
}

func (c *cursor) until() {
	most := c.dice.IntN(600)
	seq := []byte{byte(c.dice.IntN(256))}
	if len(c.want) > 0 && c.dice.IntN(3) > 0 {
		i := c.dice.IntN(min(len(c.want), 700))
		seq = c.want[i:min(len(c.want), i+between(c.dice, 1, 5))]
	}
	c.step("   until %x, at most %d", seq, most)
	var p []byte
	var b *buffer.Buf
	switch one := len(seq) == 1 && c.dice.IntN(2) == 0; c.dice.IntN(2) {
	case 0:
		if one {
			p = c.r.Until(seq[0], most)
		} else {
			p = c.r.UntilSequence(seq, most)
		}
	default:
		if one {
			b = c.r.TakeUntil(seq[0], most)
		} else {
			b = c.r.TakeUntilSequence(seq, most)
		}
	}
	i := bytes.Index(c.want, seq)
	switch {
	case i >= 0 && i <= most:
		if b != nil {
			c.add(b, c.want[:i])
		} else {
			c.same("Until", p, c.want[:i])
		}
		c.skip(i + len(seq))
	case len(c.want) >= most+len(seq):
		c.refused(buffer.ErrTooLarge, c.pos)
	default:
		c.has(max(len(c.want)+1, len(seq)))
	}
}
