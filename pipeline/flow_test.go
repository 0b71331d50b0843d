package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// noLinger closes channels as soon as everything was sent.
var noLinger = pipelinetest.Config{Options: channel.Options{Linger: -1}}

func wantLog(t *testing.T, log []string, want ...string) {
	t.Helper()
	if !slices.Equal(log, want) {
		t.Errorf("log\n\t%s\nwant\n\t%s", strings.Join(log, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// All optional methods are found and called from the wire on; Closed comes once and last.
func TestOptionalMethods(t *testing.T) {
	var log []string
	p := noLinger.New(t, &early{log: &log}, &text{name: "b", log: &log})
	p.Feed("x")
	p.Do(func(ch *channel.Channel) { ch.SetReading(false) })
	p.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	p.Do(func(*channel.Channel) {
		if err := p.Pipeline().Event("hello"); err != nil {
			t.Error(err)
		}
	})
	p.EOF()
	wantLog(t, log,
		"a open", "b open", `b read "x"`, "a read done", "b read done", "a writable", "b writable",
		"a event hello", "b event hello", "a eof", "b eof", "a closed <nil>", "b closed <nil>")
}

// early stands in front, passes everything on and notes the rest.
type early struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
	log *[]string
}

func (s *early) note(call string) error    { *s.log = append(*s.log, "a "+call); return nil }
func (s *early) Read(b *buffer.Buf) error  { return s.Fire(b) }
func (s *early) Open() error               { return s.note("open") }
func (s *early) ReadDone() error           { return s.note("read done") }
func (s *early) EOF() error                { return s.note("eof") }
func (s *early) Writable() error           { return s.note("writable") }
func (s *early) Event(e any) error         { return s.note(fmt.Sprint("event ", e)) }
func (s *early) Closed(cause error)        { s.note(fmt.Sprint("closed ", cause)) }
func (s *early) Write(b *buffer.Buf) error { return s.Context.Write(b) }

// What a call returns closes the channel with that cause; the stages behind are not called, all are told Closed.
func TestErrors(t *testing.T) {
	for call, reach := range map[string]func(*pipelinetest.Pipe){
		"open":      func(*pipelinetest.Pipe) {},
		`read "x"`:  func(p *pipelinetest.Pipe) { p.Feed("x") },
		"read done": func(p *pipelinetest.Pipe) { p.Feed("x") },
		"eof":       func(p *pipelinetest.Pipe) { p.EOF() },
		"writable": func(p *pipelinetest.Pipe) {
			p.Channel().SetReading(false)
			p.Channel().SetReading(true)
			p.Loop.Settle()
		},
	} {
		t.Run(call, func(t *testing.T) {
			var log []string
			p := noLinger.New(t, &early{log: &log}, &text{name: "b", log: &log, fail: map[string]error{call: errTest}})
			reach(p)
			if p.Cause() != errTest || !p.Closed() || p.Aborted() {
				t.Errorf("closed %v, cause %v", p.Closed(), p.Cause())
			}
			if n := len(log); log[n-2] != "a closed a cause" || log[n-1] != "b closed a cause" || log[n-3] != "b "+call {
				t.Errorf("log %q", log)
			}
		})
	}
}

// A stage that can handle an error does not return it.
func TestErrorHandled(t *testing.T) {
	var log []string
	p := noLinger.New(t, new(lines), new(forgiving), &text{name: "b", log: &log, fail: map[string]error{`read "bad"`: errTest}})
	p.Feed("bad\ngood\n")
	if p.Closed() || log[2] != `b read "good"` {
		t.Errorf("log %q", log)
	}
}

type forgiving struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
}

func (s *forgiving) Read(b *buffer.Buf) error { s.Fire(b); return nil }

// Stages with the markers are not on the way of messages, and hear of everything else.
func TestPassMarkers(t *testing.T) {
	var log []string
	p := noLinger.New(t, &bystander{log: &log}, new(lines), &bystander{log: &log}, new(rpc), &bystander{log: &log}, new(pass),
		&bystander{log: &log}, pipeline.Serve(func(c *pipeline.Ctx[reply], r request) error {
			return c.Write(reply{r.id, r.body, true})
		}), &bystander{log: &log})
	p.FeedEach("one\ntwo\n")
	p.EOF()
	if got := p.Output(); got != "one\ntwo\n" || len(log) != 5 {
		t.Errorf("output %q, %d bystanders closed", got, len(log))
	}
}

// Notify reaches all stages from inside a call; an error comes back to who notified.
func TestNotify(t *testing.T) {
	var log []string
	s := &text{name: "b", log: &log, fail: map[string]error{"event second": errTest}}
	s.onRead = func(s *text, m string) error { return s.Notify(m) }
	p := noLinger.New(t, &early{log: &log}, s)
	p.Feed("first")
	p.Feed("second")
	if p.Cause() != errTest {
		t.Errorf("cause %v", p.Cause())
	}
	if !slices.Contains(log, "a event first") || !slices.Contains(log, "b event first") {
		t.Errorf("log %q", log)
	}
}

// Back-pressure: with its queue full, a pipeline delivers no more of what it has read, and goes on where it was.
func TestBackPressure(t *testing.T) {
	var log []string
	s := &text{name: "b", log: &log}
	s.onRead = func(s *text, m string) error { return s.say(m + m) }
	p := pipelinetest.Config{Options: channel.Options{Marks: channel.Watermark{High: 10, Low: 2}}}.New(t, new(lines), s)
	p.Stall()
	p.Feed("one\ntwo\nthree\nfour\n")
	p.Feed("five\n")
	if p.Reading() || p.Unread() != 5 || slices.Contains(log, `b read "three"`) {
		t.Errorf("reading %v, unread %d, log %q", p.Reading(), p.Unread(), log)
	}
	p.Unstall()
	if got := p.Output(); got != "oneone\ntwotwo\nthreethree\nfourfour\nfivefive\n" || !p.Reading() {
		t.Errorf("output %q", got)
	}
}

// A struct message crosses any number of stages without an allocation.
func TestStructAllocs(t *testing.T) {
	stages := []pipeline.Stage{new(rpc)}
	for range 8 {
		stages = append(stages, new(pass))
	}
	stages = append(stages, pipeline.Serve(func(c *pipeline.Ctx[reply], r request) error {
		return c.Write(reply{r.id, r.body, true})
	}))
	p := pipelinetest.New(t, stages...)
	p.Conn.Wire.Discard()
	if n := testing.AllocsPerRun(1000, func() {
		p.Conn.Received(p.Loop.Received("a request"))
		p.Conn.ReceivedEnd()
		p.Loop.Loop.Turn()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
