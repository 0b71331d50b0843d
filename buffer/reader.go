package buffer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unsafe"
)

// Errors of a Reader.
var (
	// ErrShort says that the input ends before the value does. More input may help: see Reader.Need.
	ErrShort = errors.New("buffer: short input")
	// ErrTooLarge says that a value in the input is larger than the reader accepts.
	ErrTooLarge = errors.New("buffer: too large")
	// ErrMalformed says that the input can never become valid, whatever follows.
	ErrMalformed = errors.New("buffer: malformed input")
)

// A ReadError tells what a Reader refused, and where. It unwraps to ErrTooLarge or ErrMalformed.
type ReadError struct {
	What string // for example "length", "varint", "delimiter"
	At   int    // offset of the value in the message, in bytes
	Err  error
	// Value and Max are what was found and what is allowed, when Err is ErrTooLarge.
	Value, Max uint64
}

func (e *ReadError) Error() string {
	if e.Err == ErrTooLarge {
		return fmt.Sprintf("%s of %d at byte %d of the message: more than the maximum of %d", e.What, e.Value, e.At, e.Max)
	}
	return fmt.Sprintf("%s at byte %d of the message: %v", e.What, e.At, e.Err)
}

func (e *ReadError) Unwrap() error { return e.Err }

// A Reader is a cursor over a Buf for input that cannot be trusted. Its error is sticky: after the first failure all
// methods return zero values, so a decoder reads a whole header and checks Err once.
//
// A reader from NewReader leaves its Buf as it is. A decoder gets its reader from the driver of its stage (package codec),
// which consumes the input message by message: after a decoder failed with ErrShort the driver rolls back,
// releases what the attempt took, and calls the decoder again when Need says that it may succeed.
//
// A Reader belongs to the goroutine that uses its Buf.
type Reader struct {
	base   unsafe.Pointer // first byte of the current view
	pos    int            // in the current view
	lim    int            // length of the current view; -1 after an error, so that one comparison checks both
	before int            // bytes in front of the current view
	own    int            // bytes of this view from here to the position were seen by this reader alone: headroom for Take
	seg    *seg           // the current view
	cache  *Cache
	taken  *Buf // by this attempt, the latest first

	src      *Buf
	cur      int // number of the current view
	mark     int // where the current message starts
	floor    int // own is never below: 0, or beyond reach if others see what src shows
	err      error
	need     int
	scanAt   int // a search that began here ...
	scanTo   int // ... has not found anything up to here
	consume  bool
	eof      bool
	takenGen uint32 // of the latest that was taken, see Hand
	loans    *Buf   // copies lent to the decoder
	next     *Reader
}

// NewReader returns a reader over b, which must not change while the reader is in use. Close it after use.
func NewReader(b *Buf) *Reader {
	r := &Reader{cache: b.local(), eof: true}
	r.reset(b)
	return r
}

// Reader returns a reader that consumes b on behalf of a driver: see Commit, Rollback and Close. The driver keeps b, and
// discards what was consumed when the reader is closed.
func (c *Cache) Reader(b *Buf) *Reader {
	r := c.readers
	if r == nil {
		r = &Reader{cache: c, consume: true}
	} else {
		c.readers = r.next
		r.eof = false
	}
	r.next, c.reading = c.reading, r
	r.reset(b)
	return r
}

func (r *Reader) reset(b *Buf) {
	r.src = b
	r.mark, r.floor, r.scanAt, r.scanTo, r.need = 0, 0, 0, 0, 0
	r.err = nil
	switch {
	case !r.consume, b.flags&(overlap|torn) != 0:
		r.floor = math.MaxInt
	default:
		b.flags |= lent
	}
	r.own = r.floor
	r.view(0, 0)
}

// view makes view k, which starts at byte before, the current one.
func (r *Reader) view(k, before int) {
	r.cur, r.before, r.pos = k, before, 0
	if r.src.one.b == nil {
		r.lim = 0
		return
	}
	s := r.src.seg(k)
	r.seg, r.own = s, max(r.own, before) // headroom does not reach into another view
	r.base = unsafe.Pointer(unsafe.SliceData(s.bytes()))
	r.lim = s.len()
}

// seek moves to an absolute offset.
func (r *Reader) seek(at int) {
	k, off := r.src.locate(at)
	r.view(k, at-off)
	r.pos = off
}

func (r *Reader) at() int { return r.before + r.pos }

// Len returns the number of bytes that were not read yet.
func (r *Reader) Len() int {
	if r.err != nil {
		return 0
	}
	return r.src.size - r.at()
}

// More tells whether there is anything left to read.
func (r *Reader) More() bool { return r.pos < r.lim || r.Len() > 0 }

// Offset returns how many bytes of the message were read.
func (r *Reader) Offset() int { return r.at() - r.mark }

// AtEOF tells whether no input will follow what is in the Buf.
func (r *Reader) AtEOF() bool { return r.eof }

// Err returns the first error, nil if there was none.
func (r *Reader) Err() error { return r.err }

// Failed tells whether the reader has an error.
func (r *Reader) Failed() bool { return r.lim < 0 }

// Fail makes err the reader's error, unless it has one already.
func (r *Reader) Fail(err error) {
	if r.err == nil && err != nil {
		r.err = err
		r.lim = -1
	}
}

// fail makes a ReadError about the value at the position the reader's error.
func (r *Reader) fail(what string, value, limit uint64, err error) {
	if r.err == nil {
		r.Fail(&ReadError{What: what, At: r.Offset(), Err: err, Value: value, Max: limit})
	}
}

// short fails because n more bytes are wanted than there are.
func (r *Reader) short(n int) {
	if r.err == nil {
		if r.need = r.Offset() + n; r.need < n {
			r.need = math.MaxInt
		}
		r.Fail(ErrShort)
	}
}

// Need returns how many bytes the message must have at least for the read that failed with ErrShort to succeed. It is
// 0 when the reader has not failed so.
func (r *Reader) Need() int { return r.need }

// Have tells whether n more bytes are there. If not, the reader fails with ErrShort; a negative n is ErrMalformed.
func (r *Reader) Have(n int) bool {
	switch {
	case r.err != nil:
		return false
	case n < 0:
		r.fail("negative length", 0, 0, ErrMalformed)
		return false
	case r.src.size-r.at() < n:
		r.short(n)
		return false
	}
	return true
}

// slow reads up to 8 bytes, big-endian, that are not all in the current view.
func (r *Reader) slow(n int) uint64 {
	if !r.Have(n) {
		return 0
	}
	var v uint64
	for range n {
		for r.pos == r.lim {
			r.view(r.cur+1, r.before+r.lim)
		}
		v = v<<8 | uint64(*(*byte)(unsafe.Add(r.base, r.pos)))
		r.pos++
	}
	return v
}

func (r *Reader) word(n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(r.base, r.pos)), n)
}

// Uint8 reads one byte.
func (r *Reader) Uint8() uint8 {
	if p := r.pos + 1; p <= r.lim {
		v := *(*byte)(unsafe.Add(r.base, r.pos))
		r.pos = p
		return v
	}
	return uint8(r.slow(1))
}

// Uint16 reads two bytes, most significant first.
func (r *Reader) Uint16() uint16 {
	if p := r.pos + 2; p <= r.lim {
		v := binary.BigEndian.Uint16(r.word(2))
		r.pos = p
		return v
	}
	return uint16(r.slow(2))
}

// Uint32 reads four bytes, most significant first.
func (r *Reader) Uint32() uint32 {
	if p := r.pos + 4; p <= r.lim {
		v := binary.BigEndian.Uint32(r.word(4))
		r.pos = p
		return v
	}
	return uint32(r.slow(4))
}

// Uint64 reads eight bytes, most significant first.
func (r *Reader) Uint64() uint64 {
	if p := r.pos + 8; p <= r.lim {
		v := binary.BigEndian.Uint64(r.word(8))
		r.pos = p
		return v
	}
	return r.slow(8)
}
