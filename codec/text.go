package codec

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline"
)

// Text returns a stage behind Frames for protocols of text: it makes a string of every message that is read, and a message
// of every string that is written. A string is a copy, and may be kept. It need not be valid UTF-8.
//
//	codec.Frames(codec.Line{}.Framer()), codec.Text(), pipeline.Serve(greet)
func Text() pipeline.Stage { return new(text) }

type text struct {
	pipeline.Context[string, *buffer.Buf]
}

func (s *text) Read(m *buffer.Buf) error {
	line := m.Text(0, m.Len())
	m.Release()
	return s.Fire(line)
}

func (s *text) Write(line string) error {
	m := s.Alloc(len(line) + 2) // room for the end of a line
	m.WriteString(line)
	return s.Context.Write(m)
}
