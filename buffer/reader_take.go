package buffer

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Take returns the next n bytes as a Buf of its own, without copying. The caller owns it; if the attempt of a decoder
// fails, the driver takes it back. It returns nil when the reader has failed.
//
// Until the attempt has succeeded a decoder keeps what it took, and neither releases it nor passes it on.
//
// What this attempt read in front of it by value (not by Peek or Next) becomes the Buf's headroom: the header of a
// reply goes where the header of the request was.
func (r *Reader) Take(n int) *Buf {
	if n <= 0 || n > r.lim-r.pos || !r.consume {
		return r.takeViews(n)
	}
	return r.take(r.pos, n)
}

// TakeFrame32 reads a length of four bytes, most significant first, and takes as many bytes: Length32 and Take in one
// step, for the most used frame of all. More than most is ErrTooLarge.
func (r *Reader) TakeFrame32(most uint32) *Buf {
	p := r.pos + 4
	if p > r.lim || !r.consume {
		return r.takeFrame32(most)
	}
	n := binary.BigEndian.Uint32(r.word(4))
	if n == 0 || n > most || int64(n) > int64(r.lim-p) {
		return r.takeFrame32(most)
	}
	return r.take(p, int(n))
}

func (r *Reader) takeFrame32(most uint32) *Buf {
	at := r.Offset()
	n := r.Uint32()
	if n > most {
		r.Fail(&ReadError{What: "frame length", At: at, Err: ErrTooLarge, Value: uint64(n), Max: uint64(most)})
	}
	if uint64(n) > math.MaxInt {
		r.short(math.MaxInt) // on a 32-bit system
		return nil
	}
	return r.Take(int(n))
}

// take takes n bytes from position p of the current view on, for a driver.
func (r *Reader) take(p, n int) *Buf {
	c := r.cache
	if c.free == nil || c.budget <= 0 {
		c.lookAfterHandles()
	}
	b, s := c.free, r.seg
	c.free, b.next, r.taken, b.one.b = b.next, r.taken, b, s.b // pointers together: one look at the write barrier
	c.budget--
	r.takenGen = b.gen
	b.size = n
	b.flags |= live
	off := s.off + uint32(p)
	b.one.off, b.one.end, b.one.share = off, off+uint32(n), s.give(takeShares)
	lead, at := r.before+p-r.own, r.before+p+n
	if lead < 0 { // others see these bytes, or Peek has lent some of them
		b.flags, lead = b.flags|overlap|r.src.flags&torn, 0
	}
	b.one.lead = uint32(lead)
	r.pos, r.own = p+n, max(r.own, at)
	return b
}

// takeViews takes any number of bytes from any number of views.
func (r *Reader) takeViews(n int) *Buf {
	if !r.Have(n) {
		return nil
	}
	var b *Buf
	if r.consume {
		b = r.cache.empty()
		if r.at() < r.own {
			b.flags |= overlap | r.src.flags&torn
		}
	} else {
		b = r.src.sibling()
		b.flags |= overlap | r.src.flags&torn
		r.src.flags |= overlap
	}
	lead := 0
	if b.flags&overlap == 0 {
		lead = r.at() - r.own
	}
	for n > 0 {
		for r.pos == r.lim {
			r.view(r.cur+1, r.before+r.lim)
			lead = 0
		}
		s := r.src.seg(r.cur)
		m := min(n, r.lim-r.pos)
		off := s.off + uint32(r.pos)
		b.push(seg{b: s.b, off: off, end: off + uint32(m), share: s.give(takeShares)})
		if len(b.more) == 0 {
			b.one.lead = uint32(lead)
		}
		r.pos += m
		n -= m
	}
	r.own = max(r.own, r.at())
	if r.consume {
		b.next, r.taken = r.taken, b
		r.takenGen = b.gen
	}
	return b
}

// Peek returns the next n bytes without reading them, nil when the reader has failed. The slice is borrowed: from a
// decoder, until the message that it decodes was handled; else, until the reader is closed. If the bytes
// lie in several pieces they are copied into one, so n must be bounded.
func (r *Reader) Peek(n int) []byte {
	p := r.lend(n)
	r.own = max(r.own, r.at()+len(p))
	return p
}

// Next returns the next n bytes and reads them. The slice is borrowed as that of Peek.
func (r *Reader) Next(n int) []byte {
	p := r.lend(n)
	r.Skip(len(p))
	r.own = max(r.own, r.at())
	return p
}

func (r *Reader) lend(n int) []byte {
	if !r.Have(n) || n == 0 {
		return nil
	}
	for r.pos == r.lim {
		r.view(r.cur+1, r.before+r.lim)
	}
	if n <= r.lim-r.pos {
		return unsafe.Slice((*byte)(unsafe.Add(r.base, r.pos)), n)
	}
	b := r.src.sibling()
	b.next, r.loans = r.loans, b
	p := b.Tail(n)[:n]
	r.src.CopyAt(p, r.at())
	b.Commit(n)
	b.countCopy(n)
	return p
}

// Skip reads n bytes and forgets them.
func (r *Reader) Skip(n int) {
	if n >= 0 && n <= r.lim-r.pos {
		r.pos += n
		return
	}
	if r.Have(n) {
		r.seek(r.at() + n)
	}
}

// Commit makes what was read so far a message, and tells whether that is at least one byte: the next message starts
// here. It is for drivers, which call Repay when the message was handled.
func (r *Reader) Commit() bool {
	at := r.before + r.pos
	some := at != r.mark
	r.mark, r.own = at, max(at, r.floor)
	return some
}

// Rollback goes back to where the message began, releases what was taken since, and clears the error. It is for drivers.
func (r *Reader) Rollback() {
	for b := r.taken; b != nil; {
		next := b.next
		b.next = nil
		b.Release()
		b = next
	}
	r.taken, r.err, r.need = nil, nil, 0
	r.seek(r.mark)
	r.own = max(r.mark, r.floor)
}

// Repay ends all loans of Peek and Next, and forgets what was taken, after a message was handled. It is for drivers.
func (r *Reader) Repay() {
	r.taken = nil
	if r.loans != nil {
		r.repay()
	}
}

func (r *Reader) repay() {
	for b := r.loans; b != nil; {
		next := b.next
		b.next = nil
		b.Release()
		b = next
	}
	r.loans = nil
}

// SetEOF says whether no input will follow. It is for drivers.
func (r *Reader) SetEOF(eof bool) { r.eof = eof }

// Consumed returns how many bytes of the Buf belong to committed messages. It is for drivers.
func (r *Reader) Consumed() int { return r.mark }

// Scanned returns where in the message a search began that has found nothing yet, and how far it has looked; SetScanned
// lets a later attempt go on from there. They are for drivers, which keep two numbers per connection instead of
// a reader.
func (r *Reader) Scanned() (from, to int) {
	if r.scanAt < r.mark { // of a message that is read
		return 0, 0
	}
	return r.scanAt - r.mark, r.scanTo - r.mark
}

// SetScanned is the counterpart of Scanned.
func (r *Reader) SetScanned(from, to int) { r.scanAt, r.scanTo = r.mark+from, r.mark+to }

// Close ends the use of the reader and of all that it lent. What it took stays with its owners. Readers of a cache are
// closed in the reverse order of their making. Close of a closed reader does nothing, as long as it was not reused.
func (r *Reader) Close() {
	if r.src == nil {
		return
	}
	r.Repay()
	r.src, r.seg, r.taken, r.err, r.base = nil, nil, nil, nil, nil
	if c := r.cache; r.consume {
		c.reading = r.next
		r.next, c.readers = c.readers, r
	}
}
