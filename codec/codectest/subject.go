package codectest

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
)

// A Subject is the decoder that is tested.
type Subject[T any] struct {
	// New makes a decoder for one channel. A decoder without state may be the same one each time.
	New func() codec.Decoder[T]
	// Show returns what a message says, in a form that tells different messages apart. It does not own the message.
	// Nil means the bytes of a *buffer.Buf, and fmt.Sprint of anything else.
	Show func(m T) string
	// Release releases what a message owns. Nil means its method Release, if it has one.
	Release func(m T)
	// NoAlloc says that decoding must not allocate on the Go heap once it is warm.
	NoAlloc bool
}

func (s Subject[T]) show(m T) string {
	if s.Show != nil {
		return s.Show(m)
	}
	if b, ok := any(m).(*buffer.Buf); ok {
		return b.Text(0, b.Len())
	}
	return fmt.Sprint(m)
}

func (s Subject[T]) release(m T) {
	if s.Release != nil {
		s.Release(m)
		return
	}
	if r, ok := any(m).(interface{ Release() }); ok {
		r.Release()
	}
}

// Frames is the Subject of a framing format: its messages are shown as their bytes, and it must not allocate.
func Frames(f codec.Framer) Subject[*buffer.Buf] {
	return Subject[*buffer.Buf]{New: func() codec.Decoder[*buffer.Buf] { return f }, NoAlloc: true}
}
