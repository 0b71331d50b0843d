package pipeline_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A stage may accept messages of several types; each finds its inlet.
func TestWriters(t *testing.T) {
	m := new(many)
	p := pipelinetest.New(t, m, pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) }))
	p.Feed("bytes")
	if p.Output() != "bytes" || !slices.Equal(m.seen, []string{"bytes"}) {
		t.Errorf("seen %v", m.seen)
	}

	m = new(many)
	p = pipelinetest.New(t, m, pipeline.Serve(func(c *pipeline.Ctx[*channel.File], b *buffer.Buf) error {
		f := channeltest.NewLoop(t).File(string(b.Bytes()))
		b.Release()
		return c.Write(f)
	}))
	p.Feed("file")
	if p.Output() != "file" || !slices.Equal(m.seen, []string{"file"}) || len(p.Files()) != 1 {
		t.Errorf("seen %v", m.seen)
	}

	// Its own Write, from its Context, takes parts.
	m = new(many)
	p = pipelinetest.New(t, m, pipeline.Serve(func(c *pipeline.Ctx[channel.Part], b *buffer.Buf) error { return c.Write(b) }))
	p.Feed("part")
	if p.Output() != "part" || len(m.seen) != 0 {
		t.Errorf("seen %v", m.seen)
	}
}

// strange is a Part that is neither of the two.
type strange struct{ released *bool }

func (strange) Size() int64 { return 1 }
func (s strange) Release()  { *s.released = true }

func TestStrangePart(t *testing.T) {
	released := false
	p := noLinger.New(t, pipeline.Serve(func(c *pipeline.Ctx[channel.Part], b *buffer.Buf) error {
		b.Release()
		return c.Write(strange{&released})
	}))
	p.Feed("x")
	if !released || p.Cause() == nil || !strings.Contains(p.Cause().Error(), "pipeline_test.strange") {
		t.Errorf("released %v, cause %v", released, p.Cause())
	}
}

// A write that fails has released its message, and the error comes back to who wrote.
func TestWriteError(t *testing.T) {
	var got []error
	write := func(c *pipeline.Ctx[reply], r request) error {
		got = append(got, c.Write(reply{r.id, r.body, true}))
		return nil
	}
	p := pipelinetest.Config{Options: channel.Options{Linger: -1, Marks: channel.Watermark{Max: 4}}}.
		New(t, new(rpc), new(pass), pipeline.Serve(write))
	p.Stall()
	p.Feed("1234")
	p.Feed("5")
	p.Channel().Close(nil)
	p.Unstall()
	if len(got) != 2 || got[0] != nil || !errors.Is(got[1], channel.ErrOutboundFull) {
		t.Errorf("got %v", got)
	}
	if p.Output() != "1234" {
		t.Error("wrong output")
	}
}
