package pipelinetest_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// shout answers in capitals, and says goodbye to those who are silent for a minute.
type shout struct {
	pipeline.Ctx[*buffer.Buf]
	timer interface{ Reset(time.Duration) }
}

func (s *shout) Open() error {
	s.timer = s.Channel().AfterFunc(time.Minute, func() { s.Channel().Close(io.EOF) })
	return nil
}

func (s *shout) Read(b *buffer.Buf) error {
	s.timer.Reset(time.Minute)
	defer b.Release()
	out := s.Alloc(b.Len())
	out.WriteString(strings.ToUpper(string(b.Bytes())))
	return s.Write(out)
}

func Example() {
	channeltest.Example(func(t testing.TB) {
		p := pipelinetest.New(t, new(shout))

		p.Feed("hello ")
		p.FeedEach("world")
		fmt.Printf("%q\n", p.Output())

		p.Stall()
		p.Feed("again")
		fmt.Printf("%q, %d bytes queued\n", p.Output(), p.Channel().Queued())
		p.Unstall()
		fmt.Printf("%q\n", p.Output())

		p.Advance(59 * time.Second)
		fmt.Println("closing:", p.Channel().Closing())
		p.Advance(time.Second)
		fmt.Println("closing:", p.Channel().Closing(), p.Channel().Cause())
		p.EOF()
		fmt.Println("closed:", p.Closed(), p.Cause())
	})
	// Output:
	// "HELLO WORLD"
	// "", 5 bytes queued
	// "AGAIN"
	// closing: false
	// closing: true EOF
	// closed: true EOF
}
