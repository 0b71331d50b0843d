package codec_test

import (
	"strings"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
)

// decoder makes a Decoder of a function, and counts its calls.
type decoder[T any] struct {
	f     func(*buffer.Reader) (T, error)
	calls int
}

func (d *decoder[T]) Decode(r *buffer.Reader) (T, error) {
	d.calls++
	return d.f(r)
}

// counted is a Framer that counts the calls of Decode.
type counted struct {
	codec.Framer
	calls int
}

func (c *counted) Decode(r *buffer.Reader) (*buffer.Buf, error) {
	c.calls++
	return c.Framer.Decode(r)
}

// inbox is a last stage that keeps what it reads.
type inbox struct {
	pipeline.Ctx[pipeline.None]
	got   []string
	pause bool // after every message
}

func (s *inbox) Read(m *buffer.Buf) error {
	s.got = append(s.got, m.Text(0, m.Len()))
	m.Release()
	if s.pause {
		s.Channel().SetReading(false)
	}
	return nil
}

func (s *inbox) String() string { return strings.Join(s.got, "|") }

// echo answers every message with itself.
func echo() pipeline.Stage {
	return pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error { return c.Write(m) })
}

// frame is a message behind a length of one byte.
func frame(s string) string { return string(rune(len(s))) + s }

// short is the format that frame writes.
func short() codec.Framer { return codec.LengthField{Width: 1}.Framer() }
