package std

import (
	"context"
	"io"
	"net"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// TestPipe runs on net.Pipe, which has no buffer, and no way to end one direction.
func TestPipe(t *testing.T) {
	p := newPipes()
	g, _ := startGroup(t, Engine{Listen: func(context.Context, string, string) (net.Listener, error) { return p, nil }})
	sinks := make(chan *echo, 10)
	_, err := g.Listen(context.Background(), engine.ListenConfig{
		Network: "pipe", Options: channel.Options{}.Prepare(), MaxConns: 10,
		Accept: func(*channel.Channel) channel.Sink { s := newEcho(); sinks <- s; return s },
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.dial()
	if err != nil {
		t.Fatal(err)
	}
	ping(t, c)
	const size = 1 << 20
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i * i >> 8)
	}
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(data)
		sent <- err
	}()
	got := make([]byte, size)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != string(data) {
		t.Errorf("the echo differs, or failed: %v", err)
	}
	if err := <-sent; err != nil {
		t.Errorf("Write: %v", err)
	}
	s := <-sinks
	s.ch.Loop().Do(func(error) { s.ch.CloseWrite() }) // which closes the pipe
	if n, err := c.Read(got); n != 0 || err != io.EOF {
		t.Errorf("Read returns %d, %v, want the end", n, err)
	}
	if err := s.cause(t); err != nil {
		t.Errorf("cause %v, want nil", err)
	}
}

// TestPipeTimes runs on the clock of a bubble.
func TestPipeTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		s := newEcho()
		g, r := dialConn(t, theirs, s, channel.Options{})
		fired := make(chan time.Time, 1)
		begin := time.Now()
		r.Do(func(ch *channel.Channel, err error) {
			ch.AfterFunc(time.Hour, func() { fired <- time.Now() })
		})
		if d := (<-fired).Sub(begin); d < time.Hour || d > time.Hour+time.Second {
			t.Errorf("a timer of an hour was due after %v", d)
		}
		ours.Close()
		if err := s.cause(t); err != nil {
			t.Errorf("cause %v, want nil", err)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestGoroutines counts the goroutines that connections leave behind.
func TestGoroutines(t *testing.T) {
	for _, e := range []Engine{{}, {plain: true}} {
		before := runtime.NumGoroutine()
		pool := new(buffer.Pool)
		g, err := e.Start(engine.Config{Loops: 2, Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		ln, err := g.Listen(context.Background(), engine.ListenConfig{
			Network: "tcp", Addr: "127.0.0.1:0", Options: channel.Options{}.Prepare(), MaxConns: 100,
			Accept: func(*channel.Channel) channel.Sink { return newEcho() },
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			c, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ping(t, c)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(deadline) {
				t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
			}
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}
}
