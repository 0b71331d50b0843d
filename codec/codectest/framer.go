package codectest

import (
	"errors"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// VerifyFramer writes the messages, checks that every kind of buffer gives the same frames, and verifies that reading
// them gives the messages. Two channels then share the Framer, which must not have state, and a pipeline sends all
// messages back.
func VerifyFramer(t testing.TB, f codec.Framer, messages ...string) {
	t.Helper()
	var all string
	var cases []Case
	for i, m := range messages {
		wire, ok := wrapAll(t, f, m)
		if !ok {
			return
		}
		all += wire
		cases = append(cases, Case{Name: "message " + itoa(i+1), Input: wire, Want: []string{m}})
	}
	if len(messages) > 1 {
		cases = append(cases, Case{Name: "all messages", Input: all, Want: messages})
	}
	_ = verify(t, Frames(f), cases...) && shareFramer(t, f, all, messages) && echoFrames(t, f, all)
}

// shapes are ways to make a buffer of bytes.
var shapes = []struct {
	name string
	make func(l *channeltest.Loop, s string) *buffer.Buf
}{
	{"a fresh buffer", (*channeltest.Loop).Buf},
	{"bytes from the wire", func(l *channeltest.Loop, s string) *buffer.Buf {
		if len(s) > oneGo {
			return l.Buf(s)
		}
		return l.Received(s)
	}},
	{"bytes behind a header", func(l *channeltest.Loop, s string) *buffer.Buf {
		if len(s) > oneGo {
			return l.Buf(s)
		}
		var header [pad]byte
		fill(header[:])
		b := l.Received(string(header[:]) + s)
		b.Discard(pad) // poisoned headroom
		return b
	}},
	{"a slice of a buffer", func(l *channeltest.Loop, s string) *buffer.Buf {
		b := l.Buf("<" + s + ">")
		defer b.Release()
		return b.Slice(1, 1+len(s))
	}},
	{"pieces", func(l *channeltest.Loop, s string) *buffer.Buf { return pieces(l, s, 3) }},
}

// wrapAll wraps one message in all its shapes.
func wrapAll(t testing.TB, f codec.Framer, m string) (wire string, ok bool) {
	t.Helper()
	for i, shape := range shapes {
		sc := &scope{TB: t, what: "Wrap of " + shape.name}
		l := channeltest.NewLoop(sc)
		b := shape.make(l, m)
		if err := f.Wrap(b); err != nil {
			sc.Errorf("%q: %v", m, err)
		} else if got := b.Text(0, b.Len()); i == 0 {
			wire = got
		} else if got != wire {
			sc.Errorf("%q becomes %q, but %q in other buffers", m, got, wire)
		}
		b.Release()
		if !sc.end() {
			return "", false
		}
	}
	return wire, true
}

// shareFramer feeds two channels in turns.
func shareFramer(t testing.TB, f codec.Framer, wire string, want []string) bool {
	t.Helper()
	l := newLab(t)
	defer l.close()
	one := Frames(f).start(l, "two channels with the same Framer")
	two := Frames(f).join(one.scope, one.pipe.Loop)
	for i := range len(wire) {
		one.feed(wire[i : i+1])
		if i > 0 {
			two.feed(wire[i-1 : i])
		}
	}
	if wire != "" {
		two.feed(wire[len(wire)-1:])
	}
	for _, tr := range []*trial[*buffer.Buf]{one, two} {
		if tr.eof(); !one.failed {
			tr.expect(want, nil)
		}
	}
	return one.end()
}

// echoFrames sends every message back as it came.
func echoFrames(t testing.TB, f codec.Framer, wire string) bool {
	t.Helper()
	sc := &scope{TB: t, what: "echo"}
	p := pipelinetest.New(sc, codec.Frames(f), pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error {
		return c.Write(m)
	}))
	p.Feed(wire)
	if got := p.Output(); got != wire {
		sc.Errorf("%q comes back as %q", wire, got)
	}
	p.FeedEach(wire)
	if got := p.Output(); got != wire {
		sc.Errorf("%q, byte by byte, comes back as %q", wire, got)
	}
	return sc.end()
}

// VerifyRefuses checks that the Framer refuses to write each of the messages with an error that is err by errors.Is, and
// leaves them as they are.
func VerifyRefuses(t testing.TB, f codec.Framer, err error, messages ...string) {
	t.Helper()
	for _, m := range messages {
		for _, shape := range shapes {
			sc := &scope{TB: t, what: "Wrap of " + shape.name}
			b := shape.make(channeltest.NewLoop(sc), m)
			if got := f.Wrap(b); got == nil || !errors.Is(got, err) {
				sc.Errorf("%q: the error is %v, not %v", m, got, err)
			} else if got := b.Text(0, b.Len()); got != m {
				sc.Errorf("%q was refused and changed to %q", m, got)
			}
			b.Release()
			if !sc.end() {
				return
			}
		}
	}
}
