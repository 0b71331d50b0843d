//go:build linux || darwin

package gnet

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/channel"
)

// embedding is a program's own handler.
type embedding struct {
	Handler
	engine chan gnetv2.Engine
}

func (h *embedding) OnBoot(e gnetv2.Engine) gnetv2.Action {
	h.engine <- e
	return h.Handler.OnBoot(e)
}

// run runs a Handler under gnet.Run, and returns its sinks, how to reach it, and how to stop it.
func run(t *testing.T, options ...gnetv2.Option) (sinks <-chan *sink, addr string, stop func()) {
	t.Helper()
	dir, err := os.MkdirTemp("", "rope")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	addr = filepath.Join(dir, "s")
	made := make(chan *sink, 100)
	h := &embedding{engine: make(chan gnetv2.Engine, 1), Handler: Handler{
		Pool: buffertest.Pool(t), Logger: quiet,
		Accept: func(ch *channel.Channel) channel.Sink {
			s := newSink()
			made <- s
			return s
		},
	}}
	ended := make(chan error, 1)
	go func() { ended <- gnetv2.Run(h, "unix://"+addr, append(options, gnetv2.WithLogger(Logger(quiet)))...) }()
	e := await(t, "gnet to start", h.engine)
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		if err := e.Stop(context.Background()); err != nil {
			t.Errorf("Stop: %v", err)
		}
		if err := await(t, "gnet to end", ended); err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	t.Cleanup(stop)
	return made, addr, stop
}

func TestHandler(t *testing.T) {
	sinks, addr, stop := run(t, gnetv2.WithNumEventLoop(2))
	var all []*sink
	for range 4 {
		p := dial(t, "unix", addr).(*net.UnixConn)
		s := await(t, "a sink", sinks)
		await(t, "Open", s.opened)
		all = append(all, s)
		data := pattern(300_000)
		go p.Write(data)
		got := make([]byte, len(data))
		if _, err := io.ReadFull(p, got); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("the echo is wrong: %v", err)
		}
	}
	s := all[0]
	s.do(t, func(c *conn) {
		if a := c.LocalAddr(); a == nil || a.String() != addr {
			t.Errorf("LocalAddr is %v, want %s", a, addr)
		}
	})
	stop()
	for _, s := range all {
		if err := await(t, "Closed", s.closed); err != channel.ErrShutdown {
			t.Errorf("cause %v, want ErrShutdown", err)
		}
		if err := s.remote.Close(nil); err != channel.ErrClosed {
			t.Errorf("a loop takes calls when gnet has ended: %v", err)
		}
	}
}

// With a Handler too a connection leaves gnet when it does not read, and comes back.
func TestHandlerPause(t *testing.T) {
	sinks, addr, _ := run(t)
	p := dial(t, "unix", addr).(*net.UnixConn)
	s := await(t, "a sink", sinks)
	await(t, "Open", s.opened)
	s.do(t, func(c *conn) { c.Channel.SetReading(false) })
	data := pattern(2 << 20)
	go func() {
		p.Write(data)
		p.CloseWrite()
	}()
	eventually(t, "the connection to leave gnet", func() bool {
		apart := false
		s.do(t, func(c *conn) { apart = c.gc == nil })
		return apart
	})
	s.do(t, func(c *conn) { c.Channel.SetReading(true) })
	got, err := io.ReadAll(p)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("the peer got %d bytes of %d back, and %v", len(got), len(data), err)
	}
	if err := await(t, "Closed", s.closed); err != nil {
		t.Errorf("cause %v, want nil", err)
	}
}

// A Handler works with edge-triggered events too.
func TestHandlerEdgeTriggered(t *testing.T) {
	sinks, addr, _ := run(t, gnetv2.WithEdgeTriggeredIO(true))
	p := dial(t, "unix", addr).(*net.UnixConn)
	await(t, "a sink", sinks)
	data := pattern(8 << 20)
	go func() {
		p.Write(data)
		p.CloseWrite()
	}()
	if got, err := io.ReadAll(p); err != nil || !bytes.Equal(got, data) {
		t.Errorf("the peer got %d bytes of %d back, and %v", len(got), len(data), err)
	}
}

func TestHandlerNeedsAccept(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("OnBoot without Accept: no panic")
		}
	}()
	new(Handler).OnBoot(gnetv2.Engine{})
}
