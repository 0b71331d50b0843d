package pipeline_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

var errTest = errors.New("a cause")

// lines cuts its input at line feeds. It is what package codec does in more general terms.
type lines struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
	rest *buffer.Buf
}

func (l *lines) Read(b *buffer.Buf) error {
	if l.rest == nil {
		l.rest = b
	} else {
		l.rest.Append(b)
	}
	l.Channel().Keep()
	return l.Writable()
}

// Writable delivers lines until the channel wants no more.
func (l *lines) Writable() error {
	for l.rest != nil && !l.Channel().Halted() {
		n := bytes.IndexByte(l.rest.Bytes(), '\n')
		if n < 0 {
			return nil
		}
		line := l.rest.Split(n)
		if l.rest.Discard(1); l.rest.Len() == 0 {
			l.Leftover().Release()
		}
		l.Channel().Hold(line)
		if err := l.Fire(line); err != nil {
			return err
		}
		l.Channel().Keep()
	}
	return nil
}

func (l *lines) Write(b *buffer.Buf) error {
	b.WriteString("\n")
	return l.Context.Write(b)
}

func (l *lines) Leftover() *buffer.Buf {
	b := l.rest
	l.rest = nil
	return b
}

func (l *lines) Closed(error) {
	if l.rest != nil {
		l.rest.Release()
	}
}

func (l *lines) String() string { return "lines" }

// text takes lines and notes all that happens to it.
type text struct {
	pipeline.Ctx[*buffer.Buf]
	name   string
	log    *[]string
	onRead func(*text, string) error
	fail   map[string]error // what a call returns
	crash  string           // the call that panics
}

func (s *text) note(call string) error {
	*s.log = append(*s.log, s.name+" "+call)
	if s.crash == call {
		panic(s.name + " " + call)
	}
	return s.fail[call]
}

func (s *text) Read(b *buffer.Buf) error {
	m := string(b.Bytes())
	err := s.note(fmt.Sprintf("read %q", m))
	b.Release()
	if err == nil && s.onRead != nil {
		err = s.onRead(s, m)
	}
	return err
}

func (s *text) say(m string) error {
	b := s.Alloc(len(m))
	b.WriteString(m)
	return s.Write(b)
}

func (s *text) Open() error        { return s.note("open") }
func (s *text) ReadDone() error    { return s.note("read done") }
func (s *text) EOF() error         { return s.note("eof") }
func (s *text) Writable() error    { return s.note("writable") }
func (s *text) Event(e any) error  { return s.note(fmt.Sprint("event ", e)) }
func (s *text) Closed(cause error) { s.note(fmt.Sprint("closed ", cause)) }

// request and reply are messages that are neither bytes nor pointers.
type request struct {
	id   int
	body *buffer.Buf
}

type reply struct {
	id   int
	body *buffer.Buf
	ok   bool
}

// rpc makes requests of buffers and buffers of replies.
type rpc struct {
	pipeline.Context[request, *buffer.Buf]
	id int
}

func (s *rpc) Read(b *buffer.Buf) error {
	s.id++
	return s.Fire(request{s.id, b})
}

func (s *rpc) Write(r reply) error { return s.Context.Write(r.body) }

// pass lets requests and replies by.
type pass struct {
	pipeline.Context[request, reply]
}

func (s *pass) Read(r request) error { return s.Fire(r) }

// bystander sees no messages.
type bystander struct {
	pipeline.Context[pipeline.None, pipeline.None]
	log *[]string
}

func (*bystander) PassReads()  {}
func (*bystander) PassWrites() {}

func (s *bystander) Closed(cause error) {
	*s.log = append(*s.log, fmt.Sprint("bystander closed ", cause))
}

// sender writes files, or parts.
type sender[W any] struct{ pipeline.Ctx[W] }

func (*sender[W]) Read(b *buffer.Buf) error { b.Release(); return nil }

// filter accepts only bytes, as TLS or compression does.
type filter struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
}

func (s *filter) Read(b *buffer.Buf) error  { return s.Fire(b) }
func (s *filter) Write(b *buffer.Buf) error { return s.Context.Write(b) }
func (s *filter) String() string            { return "filter" }

// many accepts buffers and files, each through an inlet of its own.
type many struct {
	pipeline.Context[*buffer.Buf, channel.Part]
	seen []string
}

func (s *many) Read(b *buffer.Buf) error { return s.Fire(b) }
func (s *many) Writers() []any           { return []any{manyBytes{s}, manyFiles{s}} }

type manyBytes struct{ *many }

func (m manyBytes) Write(b *buffer.Buf) error {
	m.seen = append(m.seen, "bytes")
	return m.many.Context.Write(b)
}

type manyFiles struct{ *many }

func (m manyFiles) Write(f *channel.File) error {
	m.seen = append(m.seen, "file")
	return m.many.Context.Write(f)
}
