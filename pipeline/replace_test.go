package pipeline_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

func echo() pipeline.Stage {
	return pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) })
}

// without returns a log without the entries that have a part.
func without(log []string, part string) []string {
	return slices.DeleteFunc(slices.Clone(log), func(s string) bool { return strings.Contains(s, part) })
}

// replacing returns a stage that replaces from, or itself if that is nil, when it reads "switch", and refuses to read more.
func replacing(log *[]string, from pipeline.Stage, with ...pipeline.Stage) *text {
	s := &text{name: "old", log: log}
	switched := false
	s.onRead = func(s *text, m string) error {
		switch {
		case switched:
			return errors.New("read after the switch")
		case m == "switch" && from != nil:
			switched = true
			return s.ReplaceFrom(from, with...)
		case m == "switch":
			switched = true
			return s.Replace(with...)
		}
		return nil
	}
	return s
}

// The whole pipeline is replaced: what the old decoder has not used is read by the new stage, wherever input is cut.
func TestReplaceAll(t *testing.T) {
	const in, rest = "one\nswitch\n", "rest\nof the input"
	for cut := range len(in + rest) {
		var log []string
		front := new(lines)
		p := pipelinetest.New(t, front, replacing(&log, front, echo()))
		p.FeedCut(in+rest, cut)
		if got := p.Output(); got != rest {
			t.Errorf("cut at %d: output %q", cut, got)
		}
		wantLog(t, without(log, "read done"), "old open", `old read "one"`, `old read "switch"`, "old closed <nil>")
		if n := len(p.Pipeline().Stages()); n != 1 {
			t.Errorf("%d stages", n)
		}
	}
	var log []string
	front := new(lines)
	p := pipelinetest.New(t, front, replacing(&log, front, echo()))
	p.FeedEach(in + rest)
	if got := p.Output(); got != rest {
		t.Errorf("byte by byte: output %q", got)
	}
}

// The decoder in front is kept: the lines behind go to the new stage, in order.
func TestReplaceBehind(t *testing.T) {
	const in = "one\nswitch\ntwo\nthree\n"
	for cut := range len(in) {
		var log []string
		p := pipelinetest.New(t, new(lines), replacing(&log, nil, echo()))
		p.FeedCut(in, cut)
		if got := p.Output(); got != "two\nthree\n" {
			t.Errorf("cut at %d: output %q", cut, got)
		}
	}
}

// A replacement from a timer or another goroutine takes place at once.
func TestReplaceFromOutside(t *testing.T) {
	var log []string
	old := &text{name: "old", log: &log}
	front := new(lines)
	p := pipelinetest.New(t, front, old)
	p.Channel().AfterFunc(time.Second, func() {
		if err := old.ReplaceFrom(front, echo()); err != nil {
			t.Error(err)
		}
		if got := p.Pipeline().Stages(); len(got) != 1 {
			t.Errorf("stages %v", got)
		}
	})
	p.Feed("half a li")
	p.Advance(time.Second)
	p.Feed("ne")
	if got := p.Output(); got != "half a line" || !p.Reading() {
		t.Errorf("output %q", got)
	}
	wantLog(t, log, "old open", "old read done", "old closed <nil>")
}

// The new stage asks for another replacement when it first reads.
func TestReplaceTwice(t *testing.T) {
	var log []string
	front, second := new(lines), new(lines)
	middle := replacing(&log, second, echo())
	p := pipelinetest.New(t, front, replacing(&log, front, second, middle))
	p.Feed("switch\nswitch\nrest\n")
	if got := p.Output(); got != "rest\n" {
		t.Errorf("output %q, log %q", got, log)
	}
	wantLog(t, log, "old open", `old read "switch"`, "old closed <nil>", "old open", `old read "switch"`, "old closed <nil>")
}

// A new stage may ask for a replacement in Open.
func TestReplaceInOpen(t *testing.T) {
	s := new(opens)
	s.open = func() error { return s.Replace(echo()) }
	p := pipelinetest.New(t, s)
	p.Feed("x")
	if got := p.Output(); got != "x" {
		t.Errorf("output %q", got)
	}
}

type opens struct {
	pipeline.Ctx[*buffer.Buf]
	open func() error
}

func (s *opens) Open() error              { return s.open() }
func (s *opens) Read(b *buffer.Buf) error { b.Release(); return nil }
