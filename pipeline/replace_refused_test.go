package pipeline_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A replacement that does not fit changes nothing.
func TestReplaceRefused(t *testing.T) {
	var log []string
	s := &text{name: "old", log: &log}
	s.onRead = func(s *text, m string) error {
		var link *pipeline.LinkError
		if err := s.Replace(new(rpc), echo()); !errors.As(err, &link) {
			t.Errorf("stages that do not fit each other: %v", err)
		}
		if err := s.Replace(pipeline.Serve(func(*pipeline.Ctx[*buffer.Buf], request) error { return nil })); !errors.As(err, &link) {
			t.Errorf("a stage that does not fit the one in front: %v", err)
		}
		if err := s.Replace(); err == nil {
			t.Error("nothing behind lines was accepted")
		}
		if err := s.ReplaceFrom(new(lines), echo()); err == nil || !strings.Contains(err.Error(), "not in the pipeline") {
			t.Errorf("a stage from elsewhere: %v", err)
		}
		return s.say(m)
	}
	p := pipelinetest.New(t, new(lines), s)
	p.Feed("one\ntwo\n")
	if got := p.Output(); got != "one\ntwo\n" || !p.Reading() {
		t.Errorf("output %q", got)
	}
}

func TestReplaceWhileReplacing(t *testing.T) {
	var log []string
	s := &text{name: "old", log: &log}
	s.onRead = func(s *text, m string) error {
		if err := s.Replace(echo()); err != nil {
			t.Error(err)
		}
		if err := s.Replace(echo()); err != pipeline.ErrReplacing {
			t.Errorf("a second one: %v", err)
		}
		return nil
	}
	p := pipelinetest.New(t, new(lines), s)
	p.Feed("x\n")
}

func TestReplaceWhenClosing(t *testing.T) {
	var log []string
	s := &text{name: "old", log: &log}
	p := noLinger.New(t, s)
	p.Do(func(ch *channel.Channel) {
		ch.Close(nil)
		if err := s.Replace(echo()); err != channel.ErrClosed {
			t.Error(err)
		}
	})
	wantLog(t, log, "old open", "old closed <nil>")
}

// What the new stages return closes the channel; the old ones are out of use by then. Nothing is lost or told twice.
func TestReplaceFails(t *testing.T) {
	for _, call := range []string{"open", `read "rest"`} {
		for _, outside := range []bool{false, true} {
			var log []string
			front := new(lines)
			fails := &text{name: "new", log: &log, fail: map[string]error{call: errTest}}
			old := replacing(&log, front, fails)
			p := noLinger.New(t, front, old)
			if outside {
				p.Feed("rest")
				p.Do(func(*channel.Channel) {
					if err := old.ReplaceFrom(front, fails); err != nil {
						t.Error(err)
					}
				})
			} else {
				p.Feed("switch\nrest")
			}
			if p.Cause() != errTest {
				t.Errorf("cause %v", p.Cause())
			}
			want := []string{"old open", "old closed <nil>", "new open", "new " + call, "new closed a cause"}
			wantLog(t, without(log, "old read"), slices.Compact(want)...)
		}
	}
}
