package codectest

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A spy is a decoder that watches another one, and the driver that calls it.
type spy[T any] struct {
	codec.Decoder[T]
	t     *scope
	calls int
	need  int   // what the last attempt wanted
	sizes []int // of the messages, in bytes
}

func (s *spy[T]) Decode(r *buffer.Reader) (T, error) {
	have := r.Len()
	if have < s.need && !r.AtEOF() {
		s.t.Errorf("Decode was called with %d bytes after it had asked for %d", have, s.need)
	}
	s.calls++
	m, err := s.Decoder.Decode(r)
	switch {
	case r.Err() == buffer.ErrShort:
		s.need = r.Need()
	case err == nil && r.Err() == nil:
		s.need = 0
		s.sizes = append(s.sizes, r.Offset())
	}
	return m, err
}

// A sink is the last stage: it notes the messages.
type sink[T any] struct {
	pipeline.Ctx[pipeline.None]
	sub   Subject[T]
	pause bool // reading, after every message
	quiet bool // release messages, and note nothing
	fed   int  // bytes that were fed so far
	got   []message
}

// A message is what was delivered, and how many bytes had been fed by then: -1 means that the stream had ended.
type message struct {
	text string
	at   int
}

func (s *sink[T]) Read(m T) error {
	if s.quiet {
		s.sub.release(m)
		return nil
	}
	text := s.sub.show(m)
	s.sub.release(m)
	s.got = append(s.got, message{text, s.fed})
	if s.pause {
		s.Channel().SetReading(false)
	}
	return nil
}

func (s *sink[T]) String() string { return "codectest" }
