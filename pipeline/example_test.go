package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// An echo: what is read is written back. Nothing is copied, and everything of one read leaves in one call.
func ExampleServe() {
	accept := pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{
			pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error {
				return c.Write(b) // Write owns b from here on
			}),
		}
	})

	channeltest.Example(func(t testing.TB) {
		p := pipelinetest.Config{}.Accept(t, accept)
		p.Feed("hello")
		fmt.Println(p.Output())
	})
	// Output: hello
}

// bouncer is a stage between others: it lets a peer send so many messages in a second, and closes the channel of one
// that sends more.
type bouncer struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf] // passes on buffers, in both directions
	max, seen                                  int
	timer                                      *channel.Timer
}

func (s *bouncer) Open() error {
	s.timer = s.Channel().AfterFunc(time.Second, func() {
		s.seen = 0
		s.timer.Reset(time.Second)
	})
	return nil
}

func (s *bouncer) Read(b *buffer.Buf) error {
	if s.seen++; s.seen > s.max {
		b.Release() // it was ours
		return fmt.Errorf("more than %d messages in a second", s.max)
	}
	return s.Fire(b)
}

// A stage is a struct that embeds a Context and keeps what it has to know about its channel.
func Example_stage() {
	channeltest.Example(func(t testing.TB) {
		p := pipelinetest.New(t,
			new(lines),
			&bouncer{max: 2},
			pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) }),
		)
		p.Feed("one\ntwo\n")
		p.Advance(time.Second)
		p.Feed("three\nfour\nfive\nsix\n")
		p.EOF()
		fmt.Print(p.Output())
		fmt.Println("closed:", p.Cause())
	})
	// Output:
	// one
	// two
	// three
	// four
	// closed: more than 2 messages in a second
}

// A protocol makes way for another one on the same connection: here, bytes as they come after the line "raw".
func ExampleContext_Replace() {
	raw := func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) }
	cooked := func(c *pipeline.Ctx[*buffer.Buf], line *buffer.Buf) error {
		defer line.Release()
		if string(line.Bytes()) == "raw" {
			p := pipeline.Of(c.Channel())
			return p.Replace(p.Stages()[0], pipeline.Serve(raw))
		}
		out := c.Alloc(line.Len() + 2)
		fmt.Fprintf(out, "<%s>", line.Bytes())
		return c.Write(out)
	}

	channeltest.Example(func(t testing.TB) {
		p := pipelinetest.New(t, new(lines), pipeline.Serve(cooked))
		p.Feed("one\ntwo\nraw\nno more\nlines")
		fmt.Println(p.Output())
	})
	// Output:
	// <one>
	// <two>
	// no more
	// lines
}
