package channeltest

import (
	"bytes"
	"math"
	"net"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
)

// A Script is a channel.Backend that answers writes as its steps say, in their order. When they are used up, it takes
// everything. It keeps a copy of what it was sent and a list of how it was called.
//
// Calls that no channel may make fail the test.
type Script struct {
	t       testing.TB
	name    string
	steps   []Step
	stalled bool // EAGAIN
	discard bool
	blocked func()         // called at EAGAIN, if not nil
	has     func(int) bool // answers HasInput, if not nil
	record
	state
}

// state is what the channel has told a Script.
type state struct {
	reading bool
	ended   bool // CloseWrite
	closed  bool
	aborted bool
}

// NewScript returns a script that fails t and calls itself name. Loop.Open makes one for each channel; NewScript is for
// those who drive a channel.Port by themselves.
func NewScript(t testing.TB, name string, steps ...Step) *Script {
	return &Script{t: t, name: name, steps: steps}
}

// Add appends steps.
func (s *Script) Add(steps ...Step) { s.steps = append(s.steps, steps...) }

// deviates fails the test.
func (s *Script) deviates(format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("channeltest: script %s: "+format, append([]any{s.name}, args...)...)
}

// Flush implements channel.Backend.
func (s *Script) Flush(q *channel.Outbound) error {
	s.t.Helper()
	switch {
	case s.closed:
		s.deviates("Flush after Close")
		return nil
	case s.ended:
		s.deviates("Flush after CloseWrite")
	case q.Empty():
		s.deviates("Flush of an empty queue")
	}
	for !s.stalled && !q.Empty() {
		step := s.next()
		switch step.kind {
		case again:
			s.stalled = true
		case fail:
			return channel.NewOpError("write", step.err)
		default:
			if err := s.take(q, step.n); err != nil {
				return err
			}
		}
	}
	if s.stalled && !q.Empty() && s.blocked != nil {
		s.blocked()
	}
	return nil
}

// next returns the answer to the next write.
func (s *Script) next() Step {
	if len(s.steps) == 0 || s.steps[0].kind == failCloseWrite {
		return Step{kind: take, n: math.MaxInt}
	}
	step := s.steps[0]
	if !step.always {
		s.steps = s.steps[1:]
	}
	return step
}

// take is one write of up to n bytes: those before the next file, and that file.
func (s *Script) take(q *channel.Outbound, n int) error {
	s.t.Helper()
	var w Write
	s.vec = q.Vectors(s.vec[:0], maxVectors, n)
	first, only := q.First()
	if len(s.vec) > 0 && !bytes.Equal(first, s.vec[0]) || only && len(s.vec) > 1 {
		s.deviates("First and Vectors do not agree")
	}
	w.Pieces = len(s.vec)
	for _, p := range s.vec {
		p = p[:min(len(p), n-w.Bytes)]
		s.keep(p)
		w.Bytes += len(p)
	}
	var err error
	if f := q.File(); f != nil && w.Bytes == q.Bytes() && w.Bytes < n {
		w.File, err = s.takeFile(f, n-w.Bytes)
	}
	if w.Bytes+w.File == 0 && err == nil {
		s.deviates("the queue is not empty and has nothing to send")
		s.stalled = true
	}
	s.wrote(w)
	q.Advance(int64(w.Bytes + w.File))
	return err
}

const (
	maxVectors = 64
	maxFile    = 1 << 20
)

// takeFile is sendfile(2).
func (s *Script) takeFile(f *channel.File, n int) (int, error) {
	p := make([]byte, min(int64(n), f.Size(), maxFile))
	m, err := f.Peek(p)
	s.keep(p[:m])
	s.keepFile(f.Name(), m)
	return m, err
}

// SetReading implements channel.Backend.
func (s *Script) SetReading(on bool) {
	s.t.Helper()
	if s.closed {
		s.deviates("SetReading after Close")
	}
	if s.reading == on {
		s.deviates("SetReading(%v) when it is so already", on)
	}
	s.reading = on
	if on {
		s.called("read")
	} else {
		s.called("pause")
	}
}

// HasInput implements channel.Backend.
func (s *Script) HasInput(n int) bool { return s.has == nil || s.has(n) }

// CloseWrite implements channel.Backend.
func (s *Script) CloseWrite() error {
	s.t.Helper()
	if s.closed || s.ended {
		s.deviates("CloseWrite after Close or CloseWrite")
	}
	s.ended = true
	s.called("close write")
	if len(s.steps) > 0 && s.steps[0].kind == failCloseWrite {
		err := s.steps[0].err
		s.steps = s.steps[1:]
		return channel.NewOpError("shutdown", err)
	}
	return nil
}

// Close implements channel.Backend.
func (s *Script) Close(abort bool) {
	s.t.Helper()
	if s.closed {
		s.deviates("Close after Close")
	}
	s.closed, s.aborted = true, abort
	if abort {
		s.called("abort")
	} else {
		s.called("close")
	}
}

// LocalAddr implements channel.Backend.
func (s *Script) LocalAddr() net.Addr { return addr(s.name) }

// RemoteAddr implements channel.Backend.
func (s *Script) RemoteAddr() net.Addr { return addr("peer of " + s.name) }

type addr string

func (addr) Network() string  { return "channeltest" }
func (a addr) String() string { return string(a) }
