package pipeline_test

import (
	"errors"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// sampled returns a configuration whose pool watches one handle in so many, whatever the environment says.
func sampled(t testing.TB, sample int) pipelinetest.Config {
	t.Setenv(buffer.Environment, "")
	pool := &buffer.Pool{LeakSample: sample}
	return pipelinetest.Config{Loop: channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = pool })}
}

// wantNotes checks the notes about the only buffer that is alive.
func wantNotes(t *testing.T, p *pipelinetest.Pipe, want ...string) {
	t.Helper()
	all := p.Loop.Pool.Watched()
	if len(all) != 1 {
		t.Fatalf("%d buffers are alive: %v", len(all), all)
	}
	var got []string
	for _, n := range all[0].Notes {
		got = append(got, n.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("notes\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// hop passes everything on, but for what it loses.
type hop struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
	name                  string
	losesRead, losesWrite bool
	lost                  *buffer.Buf // would be gone, but that the tests have to release it
}

func (s *hop) String() string { return s.name }

func (s *hop) Read(b *buffer.Buf) error {
	if s.losesRead {
		s.lost = b
		return nil
	}
	return s.Fire(b)
}

func (s *hop) Write(b *buffer.Buf) error {
	if s.losesWrite {
		s.lost = b
		return nil
	}
	return s.Context.Write(b)
}

func answer(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) }

// The history of a buffer that a stage has lost names the stages it went through, in order.
func TestTraceRead(t *testing.T) {
	s := &hop{name: "third", losesRead: true}
	p := sampled(t, 1).New(t, &hop{name: "first"}, &hop{name: "second"}, s, echo())
	p.Feed("x")
	wantNotes(t, p, "read by first", "read by second", "read by third")
	s.lost.Release()
}

func TestTraceWrite(t *testing.T) {
	s := &hop{name: "first", losesWrite: true}
	p := sampled(t, 1).New(t, s, &hop{name: "second"}, pipeline.Serve(answer))
	p.Feed("x")
	wantNotes(t, p, "read by first", "read by second", "read by Serve(pipeline_test.answer)", "written to second", "written to first")
	s.lost.Release()
}

// What is queued for a peer that takes nothing says so. It is a Part here, and a stage accepts it by one of its Writers.
func TestTraceWire(t *testing.T) {
	var p *pipelinetest.Pipe
	p = sampled(t, 1).New(t, &many{}, &bystander{log: new([]string)},
		pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error {
			b.Release()
			out := c.Alloc(1)
			out.WriteByte('y')
			err := c.Write(out)
			wantNotes(t, p, "written to *pipeline_test.many", "written to the wire")
			return err
		}))
	p.Feed("x")
	if got := p.Output(); got != "y" {
		t.Errorf("output %q", got)
	}
}

// The stages of a replacement are named too, and those that stay: for messages, and for what the old ones have left.
func TestTraceReplace(t *testing.T) {
	stays, goes := &hop{name: "stays"}, &hop{name: "goes"}
	p := sampled(t, 1).New(t, stays, goes, echo())
	comes := &hop{name: "comes", losesWrite: true}
	p.Do(func(*channel.Channel) {
		if err := goes.Replace(comes, pipeline.Serve(answer)); err != nil {
			t.Error(err)
		}
	})
	p.Feed("x")
	wantNotes(t, p, "read by stays", "read by comes", "read by Serve(pipeline_test.answer)", "written to comes")
	comes.lost.Release()

	comes.losesRead, comes.losesWrite = true, false
	front := new(lines)
	p = sampled(t, 1).New(t, front, echo())
	p.Feed("rest")
	p.Do(func(*channel.Channel) {
		if err := front.Replace(comes, echo()); err != nil {
			t.Error(err)
		}
	})
	wantNotes(t, p, "read by lines", "read by comes")
	comes.lost.Release()
}

// Where handles are sampled nothing stands between two stages.
func TestNoTrace(t *testing.T) {
	for sample, want := range map[int]int{1: 2, 2: 0, 0: 0, -1: 0} {
		traces := 0
		p := sampled(t, sample).New(t, &hop{name: "first"}, pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error {
			traces = strings.Count(string(debug.Stack()), "/pipeline/trace.go:")
			return c.Write(b)
		}))
		p.Feed("x")
		if traces != want {
			t.Errorf("one of %d is watched: %d traces", sample, traces)
		}
	}
}

// A refusal names the stages, and a stage may pass on nothing at all.
func TestTraceUnseen(t *testing.T) {
	p := sampled(t, 1).New(t, &hop{name: "first"}, new(forwardsNil), pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error {
		if b != nil {
			t.Error("not what was passed on")
		}
		err := c.Replace(new(pass))
		var link *pipeline.LinkError
		if !errors.As(err, &link) || link.Stage != "*pipeline_test.pass" || link.Neighbour != "*pipeline_test.forwardsNil" {
			t.Error(err)
		}
		return nil
	}))
	p.Feed("x")
}

type forwardsNil struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
}

func (s *forwardsNil) Read(b *buffer.Buf) error { b.Release(); return s.Fire(nil) }

// Traces allocate nothing for a message, whether it is a buffer by its type or as a Part; nor does a hop without them.
func TestTraceAllocs(t *testing.T) {
	for _, sample := range []int{1, -1} {
		for _, stages := range [][]pipeline.Stage{
			{&hop{}, &hop{}, pipeline.Serve(answer)},
			{new(parts), pipeline.Serve(func(c *pipeline.Ctx[channel.Part], b *buffer.Buf) error { return c.Write(b) })},
		} {
			p := sampled(t, sample).New(t, stages...)
			p.Conn.Wire.Discard()
			if n := testing.AllocsPerRun(1000, func() {
				p.Conn.Received(p.Loop.Received("a message"))
				p.Conn.ReceivedEnd()
				p.Loop.Loop.Turn()
			}); n != 0 {
				t.Errorf("one of %d is watched: %v allocations", sample, n)
			}
		}
	}
}

// parts lets parts by.
type parts struct {
	pipeline.Context[*buffer.Buf, channel.Part]
}

func (s *parts) Read(b *buffer.Buf) error { return s.Fire(b) }
