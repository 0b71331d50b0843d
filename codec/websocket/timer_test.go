package websocket_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// All connections of a loop are looked after, also when those have gone that came first.
func TestManyTimeouts(t *testing.T) {
	loop := channeltest.NewLoop(t)
	var pipes []*pipelinetest.Pipe
	for range 300 {
		pipes = append(pipes, pipelinetest.Config{Loop: loop}.New(t, new(websocket.Server).Stage(), new(inbox)))
	}
	for i := range 250 {
		pipes[i].Break(errors.New("reset"))
	}
	pipes = pipes[250:]
	loop.Advance(44 * time.Second)
	for i, p := range pipes {
		if out := p.Output(); out != "" {
			t.Errorf("connection %d: %q after 44 s", i, out)
		}
	}
	for range 50 {
		p := pipelinetest.Config{Loop: loop}.New(t, new(websocket.Server).Stage(), new(inbox))
		pipes = append([]*pipelinetest.Pipe{p}, pipes...)
	}
	loop.Advance(6 * time.Second)
	for i, p := range pipes {
		if got := p.Output() == plain(fin|ping, ""); got != (i >= 50) {
			t.Errorf("connection %d: pinged %v after 50 s of the older ones", i, got)
		}
	}
	pipes[60].Feed(masked(fin|pong, ""))
	loop.Advance(45 * time.Second)
	for i, p := range pipes {
		p.EOF()
		if got := errors.Is(p.Cause(), websocket.ErrIdle); got != (i >= 50 && i != 60) {
			t.Errorf("connection %d: cause %v", i, p.Cause())
		}
	}
}

// A connection with shorter timeouts than others on its loop is looked at in time.
func TestShortTimeout(t *testing.T) {
	loop := channeltest.NewLoop(t)
	long := pipelinetest.Config{Loop: loop}.New(t, new(websocket.Server).Stage(), new(inbox))
	quick := &websocket.Server{Timeouts: websocket.Timeouts{Ping: 100 * time.Millisecond, Idle: 200 * time.Millisecond}}
	short := pipelinetest.Config{Loop: loop}.New(t, quick.Stage(), new(inbox))
	loop.Advance(115 * time.Millisecond)
	if out := short.Output(); out != plain(fin|ping, "") {
		t.Errorf("%q after 115 ms", out)
	}
	loop.Advance(100 * time.Millisecond)
	if !short.Ended() || long.Output() != "" {
		t.Errorf("short ended %v, long got %q", short.Ended(), long.Output())
	}
}

// switcher replaces all stages by an echo of bytes when it gets a message.
type switcher struct {
	websocket.Ctx
}

func (s *switcher) Read(m websocket.Message) error {
	m.Release()
	return s.ReplaceAll(pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) }))
}

// A WebSocket may make way for something else, which gets the input that follows. Others are looked after as before.
func TestReplaced(t *testing.T) {
	loop := channeltest.NewLoop(t)
	p := pipelinetest.Config{Loop: loop}.New(t, new(websocket.Server).Stage(), new(switcher))
	other := pipelinetest.Config{Loop: loop}.New(t, new(websocket.Server).Stage(), new(inbox))
	p.Feed(masked(fin|text, "go") + "raw bytes")
	if out := p.Output(); out != "raw bytes" {
		t.Errorf("got %q", out)
	}
	loop.Advance(50 * time.Second)
	if p.Output() != "" || other.Output() != plain(fin|ping, "") {
		t.Error("the one that was replaced is pinged, or the other one is not")
	}
	other.Break(errors.New("reset"))

	last := pipelinetest.Config{Loop: loop}.New(t, new(websocket.Server).Stage(), new(switcher))
	last.Feed(masked(fin|text, "go")) // then there is none to look after
	loop.Advance(50 * time.Second)
	if p.Output() != "" || p.Closed() || last.Closed() {
		t.Error("one that was replaced is pinged or closed")
	}
}
