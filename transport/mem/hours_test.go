package mem_test

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/mem"
)

const idleTime = 10 * time.Minute

// idle is a stage that closes channels of peers that are silent for too long.
type idle struct {
	pipeline.Context[string, string]
	timer *channel.Timer
}

func (s *idle) Open() error {
	s.timer = s.Channel().AfterFunc(idleTime, func() { s.Channel().Close(nil) })
	return nil
}

func (s *idle) Read(line string) error {
	s.timer.Reset(idleTime)
	return s.Fire(line)
}

// hello greets by name, and closes channels of the silent.
func hello() []pipeline.Stage {
	return []pipeline.Stage{
		codec.Frames(codec.Line{Max: 100}.Framer()),
		codec.Text(),
		new(idle),
		pipeline.Serve(func(c *pipeline.Ctx[string], name string) error { return c.Write("hello " + name) }),
	}
}

// Two days with a client that asks every nine minutes, then falls silent.
func TestHours(t *testing.T) {
	realStart := time.Now()
	synctest.Test(t, func(t *testing.T) {
		n := &mem.Network{Latency: 40 * time.Millisecond}
		server := transport.Server{
			Engine: mem.Engine{Network: n}, Loops: 1, Addr: ":80", Pool: new(buffer.Pool), Logger: quiet,
			Accept: pipeline.New(hello),
		}
		r, err := server.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c := dialPlain(t, n, r.Addr())
		begin := time.Now()
		for time.Since(begin) < 48*time.Hour {
			asked := time.Now()
			send(t, c, "Ada\n")
			want(t, c, "hello Ada\n")
			took(t, "an answer", asked, 80*time.Millisecond)
			<-time.After(9 * time.Minute)
		}
		silent := time.Now().Add(-9*time.Minute - 40*time.Millisecond) // since the last question was there
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("got %v, want EOF", err)
		}
		took(t, "the end", silent, idleTime+40*time.Millisecond)
		c.Close()
		if err := r.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if n := server.Pool.Live(); n != 0 {
			t.Errorf("%d buffers were not released", n)
		}
	})
	if d := time.Since(realStart); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
}

// A loop that has nothing to do gives the memory back that it used, also in a bubble.
func TestIdleLoopTrims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(mem.Network)
		pool := new(buffer.Pool)
		server := transport.Server{Engine: mem.Engine{Network: n}, Loops: 1, Pool: pool, Logger: quiet,
			Accept: func(*channel.Channel) channel.Sink {
				return &sink{read: func(s *sink, b *buffer.Buf) error {
					b.Release()
					return s.say("an answer in a block of its own")
				}}
			}}
		r, err := server.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c := dialPlain(t, n, r.Addr())
		send(t, c, "question")
		want(t, c, "an answer in a block of its own")
		synctest.Wait()
		if pool.Stats().Cached == 0 {
			t.Error("the work has left nothing to give back")
		}
		<-time.After(time.Hour)
		if n := pool.Stats().Cached; n != 0 {
			t.Errorf("after an hour of nothing the loop keeps %d bytes", n)
		}
		c.Close()
		if err := r.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
