package pipeline_test

import (
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// forgotten is what swallow has lost. A real one would not know it any more.
var forgotten []*buffer.Buf

// swallow answers what it understands, and does not release the rest.
func swallow(c *pipeline.Ctx[*buffer.Buf], line *buffer.Buf) error {
	if string(line.Bytes()) == "hello" {
		return c.Write(line)
	}
	forgotten = append(forgotten, line)
	return nil
}

// Where every buffer is watched, the history of one that is still there tells which stages it went through.
func Example_findingLeaks() {
	channeltest.Example(func(t testing.TB) {
		pool := &buffer.Pool{LeakSample: 1}
		loop := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = pool })
		p := pipelinetest.Config{Loop: loop}.New(t, new(lines), new(filter), pipeline.Serve(swallow))
		p.Feed("hello\nwho is there?\n")
		for _, h := range pool.Watched() {
			for _, n := range h.Notes {
				fmt.Println("then:", n.Text)
			}
		}
		forgotten[0].Release()
	})
	// Output:
	// then: read by filter
	// then: read by Serve(pipeline_test.swallow)
}
