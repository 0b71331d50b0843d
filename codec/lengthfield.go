package codec

import (
	"encoding/binary"
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
)

// LengthField is the format of frames that say in a field how long they are.
//
//	├── Offset ──┼── Width ──┼────── length + Adjust ──────┤
//	│   header   │  length   │            body             │
//	├─────── Strip: cut off ─┼───────── message ───────────┤
//
// The zero value is a 4-byte big-endian length in front of the body, stripped: set fields only to differ from it.
//
// A frame that announces more than Max is refused with buffer.ErrTooLarge as soon as the length is there, one that
// announces less than its own header with buffer.ErrMalformed.
type LengthField struct {
	// Offset is the number of bytes in front of the length, at most 64 KiB.
	Offset int
	// Width is the number of bytes of the length: 1 to 8. Zero means 4.
	Width int
	// Adjust is added to the length to get the number of bytes that follow the field. It is negative in formats whose
	// length counts the header too.
	Adjust int
	// Strip is the number of bytes at the front of a frame that are not part of the message. Zero means the whole header,
	// Offset + Width; negative means none. A written message gets as many bytes in front: zeros, and the length
	// if it is among them. If it is not, the length is set inside the message, which then must be longer than what is
	// left of the header.
	Strip int
	// Max is the largest number of bytes that may follow the field. Zero means DefaultMax.
	Max int
	// Order is the byte order of the length. Nil means big-endian.
	Order binary.ByteOrder
}

const maxOffset = 64 << 10

// Framer returns the format, for Frames. One value serves any number of channels. It panics if the fields make no sense
// together.
func (f LengthField) Framer() Framer {
	p := &lengthField{offset: f.Offset, width: f.Width, adjust: f.Adjust, max: maximum("LengthField", f.Max)}
	p.little = f.Order == binary.LittleEndian
	if p.width == 0 {
		p.width = 4
	}
	p.head = p.offset + p.width
	switch p.strip = f.Strip; {
	case f.Strip == 0:
		p.strip = p.head
	case f.Strip < 0:
		p.strip = 0
	}
	switch {
	case p.width < 1 || p.width > 8:
		panic(fmt.Sprintf("codec: LengthField: Width %d is not between 1 and 8", f.Width))
	case p.offset < 0 || p.offset > maxOffset:
		panic(fmt.Sprintf("codec: LengthField: Offset %d is not between 0 and 64 KiB", f.Offset))
	case p.strip > p.head || p.strip > p.offset && p.strip < p.head:
		panic(fmt.Sprintf("codec: LengthField: Strip %d cuts the length field at %d to %d in two, or the body", f.Strip, p.offset, p.head))
	case f.Order != nil && f.Order != binary.BigEndian && f.Order != binary.LittleEndian:
		panic("codec: LengthField: Order is neither big- nor little-endian")
	case p.adjust > p.max:
		panic(fmt.Sprintf("codec: LengthField: Adjust %d makes every frame larger than the maximum of %d", f.Adjust, p.max))
	}
	p.least = -uint64(min(p.adjust, 0))
	p.most = min(uint64(p.max)-uint64(p.adjust), 1<<(8*p.width)-1)
	if p.least > p.most {
		panic(fmt.Sprintf("codec: LengthField: no length of %d bytes is as large as the %d that Adjust takes away", p.width, p.least))
	}
	p.plain = p.width == 4 && p.offset == 0 && p.adjust == 0 && p.strip == 4 && !p.little
	return p
}

type lengthField struct {
	plain  bool // a stripped 4-byte big-endian length and nothing else
	little bool
	most   uint64 // the largest length that is accepted, and that fits the field
	least  uint64 // the smallest: what Adjust takes away
	max    int    // of what follows the field
	offset int
	width  int
	adjust int
	head   int // offset + width
	strip  int
}

// Decode implements Decoder.
func (f *lengthField) Decode(r *buffer.Reader) (*buffer.Buf, error) {
	if f.plain {
		return r.TakeFrame32(uint32(f.most)), r.Err()
	}
	v, kept := f.length(r), f.head-f.strip
	if r.Err() == nil && (v > f.most || v < f.least) {
		return nil, f.reject(r, v)
	}
	return r.Take(kept + int(v) + f.adjust), r.Err()
}

// length reads the length, and what else of the header is not part of the message.
func (f *lengthField) length(r *buffer.Reader) uint64 {
	if f.strip < f.head { // the message begins at the length or in front of it
		p := r.Peek(f.head)
		if p == nil {
			return 0
		}
		r.Skip(f.strip)
		return f.parse(p[f.offset:])
	}
	if !r.Have(f.head) {
		return 0
	}
	r.Skip(f.offset) // by value, not by Peek: the header becomes the headroom of the message
	if f.little {
		return r.UintLE(f.width)
	}
	return r.Uint(f.width)
}

func (f *lengthField) parse(p []byte) uint64 {
	var word [8]byte
	if f.little {
		copy(word[:], p)
		return binary.LittleEndian.Uint64(word[:])
	}
	copy(word[8-len(p):], p)
	return binary.BigEndian.Uint64(word[:])
}

// reject fails because of a length that is not between least and most.
func (f *lengthField) reject(r *buffer.Reader, v uint64) error {
	e := &buffer.ReadError{What: "frame length", At: f.offset, Err: buffer.ErrTooLarge, Value: v, Max: f.most}
	if v < f.least {
		e.What = fmt.Sprintf("frame length of %d, less than the %d bytes of its own header", v, f.least)
		e.Err = buffer.ErrMalformed
	}
	r.Fail(e)
	return r.Err()
}

// Wrap implements Framer.
func (f *lengthField) Wrap(m *buffer.Buf) error {
	if f.plain {
		n := m.Len()
		if uint64(n) > f.most {
			return tooLarge("LengthField", n, f.max)
		}
		m.PrependUint32(uint32(n))
		return nil
	}
	n := m.Len() - (f.head - f.strip)
	v := uint64(n - f.adjust)
	if n < 0 || v > f.most {
		return f.refuse(n)
	}
	var field [8]byte
	if f.little {
		binary.LittleEndian.PutUint64(field[:], v)
	} else {
		binary.BigEndian.PutUint64(field[:], v<<(64-8*f.width))
	}
	front := m.Prepend(f.strip)
	clear(front)
	if f.strip == f.head {
		copy(front[f.offset:], field[:f.width])
		return nil
	}
	for i, c := range field[:f.width] {
		m.SetAt(f.offset+i, c)
	}
	return nil
}

// refuse tells why a message with n bytes behind its header cannot be written.
func (f *lengthField) refuse(n int) error {
	switch {
	case n < 0:
		return fmt.Errorf("codec: LengthField: message lacks %d bytes of its header: %w", -n, buffer.ErrMalformed)
	case n > f.max:
		return tooLarge("LengthField", n, f.max)
	case n < f.adjust:
		return fmt.Errorf("codec: LengthField: %d bytes follow the length, fewer than Adjust %d: %w", n, f.adjust, buffer.ErrMalformed)
	}
	return fmt.Errorf("codec: LengthField: a length of %d does not fit %d bytes: %w", n-f.adjust, f.width, buffer.ErrTooLarge)
}
