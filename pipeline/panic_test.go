package pipeline_test

import (
	"errors"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A panic closes the channel that it happened on, releases its message, and leaves others alone.
func TestPanic(t *testing.T) {
	l := channeltest.NewLoop(t)
	config := pipelinetest.Config{Loop: l, Options: channel.Options{Linger: -1}}
	accept := pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{new(lines), new(rpc), new(pass), pipeline.Serve(func(c *pipeline.Ctx[reply], r request) error {
			if string(r.body.Bytes()) == "boom" {
				panic(errTest)
			}
			return c.Write(reply{r.id, r.body, true})
		})}
	})
	good, bad := config.Accept(t, accept), config.Accept(t, accept)
	good.Feed("one\n")
	bad.Feed("fine\nboom\nnever read\n")
	good.Feed("two\n")
	if !errors.Is(bad.Cause(), errTest) || bad.Output() != "fine\n" {
		t.Errorf("cause %v", bad.Cause())
	}
	if good.Closed() || good.Output() != "one\ntwo\n" {
		t.Error("the other one has suffered")
	}
	if len(l.Panics()) != 1 {
		t.Error("not reported")
	}
}

// A stage that panics in Closed does not keep the others from being told, once.
func TestPanicInClosed(t *testing.T) {
	var log []string
	stages := []pipeline.Stage{&early{log: &log}}
	for _, name := range []string{"first", "second"} {
		stages = append(stages, &closes{name: name, log: &log})
	}
	p := noLinger.New(t, append(stages, &text{name: "last", log: &log})...)
	p.Do(func(ch *channel.Channel) { ch.Close(nil) })
	wantLog(t, log, "a open", "last open", "a closed <nil>", "first", "second", "last closed <nil>")
	if len(p.Loop.Panics()) != 1 {
		t.Error("not reported")
	}
}

// closes panics in Closed.
type closes struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
	name string
	log  *[]string
}

func (s *closes) Read(b *buffer.Buf) error { return s.Fire(b) }

func (s *closes) Closed(error) {
	*s.log = append(*s.log, s.name)
	panic(s.name)
}

// A new stage that panics does not lose what the old ones have left, and is told Closed.
func TestPanicInReplacement(t *testing.T) {
	for _, call := range []string{"open", `read "rest"`} {
		var log []string
		front := new(lines)
		p := noLinger.New(t, front, replacing(&log, front, &text{name: "new", log: &log, crash: call}))
		p.Feed("switch\nrest")
		var cause *channel.PanicError
		if !errors.As(p.Cause(), &cause) || len(p.Loop.Panics()) != 1 {
			t.Errorf("%s: cause %v", call, p.Cause())
		}
	}
}

// An old stage that panics in Closed when it is replaced.
func TestPanicWhenReplaced(t *testing.T) {
	var log []string
	front := new(lines)
	p := noLinger.New(t, front, &closes{name: "replaced", log: &log}, replacing(&log, front, echo()))
	p.Feed("switch\nrest")
	wantLog(t, log, "old open", `old read "switch"`, "replaced", "old closed <nil>")
	if len(p.Loop.Panics()) != 1 || !p.Closed() {
		t.Error("not reported")
	}
}

// A panic behind a replacement, in the same callback, leaves to the new stage what it has stored.
func TestPanicAfterReplacement(t *testing.T) {
	front := new(lines)
	var log []string
	p := noLinger.New(t, front, &text{name: "old", log: &log})
	p.Feed("rest")
	p.Do(func(*channel.Channel) {
		if err := p.Pipeline().Replace(front, new(hoard)); err != nil {
			t.Error(err)
		}
		panic(errTest)
	})
	if !errors.Is(p.Cause(), errTest) || len(p.Loop.Panics()) != 1 {
		t.Errorf("cause %v", p.Cause())
	}
}

// hoard stores the last buffer it has read.
type hoard struct {
	pipeline.Ctx[*buffer.Buf]
	b *buffer.Buf
}

func (s *hoard) Read(b *buffer.Buf) error { s.b = b; return nil }
func (s *hoard) Closed(error)             { s.b.Release() }
