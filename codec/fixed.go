package codec

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
)

// Fixed is the format of messages that all have the same size, with nothing around them.
//
//	├─ Size ─┼─ Size ─┼─ Size ─┤
//	│ message│ message│ message│
type Fixed struct {
	// Size is the number of bytes of every message. It has no default, and is its own maximum.
	Size int
}

// Framer returns the format, for Frames. One value serves any number of channels. It panics if Size is not positive.
func (f Fixed) Framer() Framer {
	if f.Size <= 0 {
		panic(fmt.Sprintf("codec: Fixed: Size %d is not positive", f.Size))
	}
	return fixed(f.Size)
}

type fixed int

// Decode implements Decoder.
func (f fixed) Decode(r *buffer.Reader) (*buffer.Buf, error) { return r.Take(int(f)), r.Err() }

// Wrap implements Framer. It refuses messages of another size.
func (f fixed) Wrap(m *buffer.Buf) error {
	if m.Len() != int(f) {
		return fmt.Errorf("codec: Fixed: a message of %d bytes cannot be written, only of %d: %w", m.Len(), int(f), buffer.ErrMalformed)
	}
	return nil
}
