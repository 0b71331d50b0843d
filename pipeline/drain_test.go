package pipeline_test

import (
	"errors"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// lasting keeps its channel open when the server stops, if it owes an answer.
type lasting struct {
	pipeline.Ctx[*buffer.Buf]
	owes bool
}

func (s *lasting) Read(b *buffer.Buf) error { b.Release(); s.owes = true; return nil }
func (s *lasting) Drain() bool              { return s.owes }

// A server that stops leaves channels open whose stages say that they close them, and closes the others.
func TestDrain(t *testing.T) {
	idle := pipelinetest.New(t, &lasting{})
	idle.Conn.Port.Drain()
	idle.Loop.Settle()
	if !idle.Ended() {
		t.Error("a channel that owes nothing stays open")
	}

	s := &lasting{}
	busy := pipelinetest.New(t, s)
	busy.Feed("request")
	busy.Conn.Port.Drain()
	busy.Loop.Settle()
	if busy.Ended() {
		t.Error("a channel that owes an answer was closed")
	}
	busy.Do(func(ch *channel.Channel) {
		if err := s.Write(busy.Buf("answer")); err != nil {
			t.Error(err)
		}
		ch.Close(channel.ErrShutdown)
	})
	busy.EOF()
	if got := busy.Output(); got != "answer" || !busy.Ended() || !errors.Is(busy.Cause(), channel.ErrShutdown) {
		t.Errorf("output %q, ended %v, cause %v", got, busy.Ended(), busy.Cause())
	}
}
