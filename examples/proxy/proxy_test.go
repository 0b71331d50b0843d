package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/std"
)

const patience = 20 * time.Second

// start runs a proxy to an upstream, and returns its address and what stops it.
func start(t *testing.T, upstream string) (addr string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	listening := make(chan string, 1)
	server := &transport.Server{Addr: "127.0.0.1:0", Engine: std.Engine{}, Loops: 1, Logger: slog.New(&address{listening})}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, server, &proxy{upstream: upstream}, patience) }()
	stop = func() error { cancel(); return <-ended }
	select {
	case addr = <-listening:
	case err := <-ended:
		t.Fatal(err)
	}
	return addr, stop
}

// address is a slog.Handler that picks up where the server listens.
type address struct{ found chan string }

func (a *address) Enabled(context.Context, slog.Level) bool { return true }
func (a *address) Handle(_ context.Context, r slog.Record) error {
	if addr, ok := strings.CutPrefix(r.Message, "listening on "); ok {
		a.found <- addr
	}
	return nil
}
func (a *address) WithAttrs([]slog.Attr) slog.Handler { return a }
func (a *address) WithGroup(string) slog.Handler      { return a }

func dial(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c.(*net.TCPConn)
}

// upstream is a server that says "hi ", and answers what it gets until its end by "you said ", and that.
func upstream(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.WriteString(c, "hi ")
				all, _ := io.ReadAll(c)
				io.WriteString(c, "you said "+string(all))
			}()
		}
	}()
	return ln.Addr().String()
}

func TestProxy(t *testing.T) {
	addr, stop := start(t, upstream(t))
	c := dial(t, addr)
	io.WriteString(c, "hello")
	c.CloseWrite()
	if got, err := io.ReadAll(c); err != nil || string(got) != "hi you said hello" {
		t.Errorf("%q, %v", got, err)
	}
	quiet := dial(t, addr) // is closed when the proxy stops
	if _, err := io.ReadFull(quiet, make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(quiet); err != nil {
		t.Error(err)
	}
}

func TestRefusedUpstream(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := ln.Addr().String()
	ln.Close()
	addr, stop := start(t, nobody)
	if c, err := net.Dial("tcp", addr); err == nil { // or it was reset before it had returned
		c.SetDeadline(time.Now().Add(patience))
		if got, err := io.ReadAll(c); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%q and %v, want a reset", got, err)
		}
		c.Close()
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// A server of HTTP becomes a tunnel: what the client sends right behind its CONNECT arrives, before what comes later.
func TestConnect(t *testing.T) {
	client, ready := new(transport.Client), make(chan struct{})
	server := transport.Server{Addr: "127.0.0.1:0", Engine: std.Engine{}, Loops: 1, Logger: slog.New(slog.DiscardHandler)}
	to := upstream(t)
	server.Accept = pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{new(http1.Server).Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
			ch := c.Channel()
			loop, remote, open := ch.Loop(), ch.Remote(), channel.RelayTo(ch, channel.RelayOptions{})
			if err := r.Upgrade(r.Reply(200), pipeline.Keep()); err != nil {
				return err
			}
			go func() {
				<-ready
				if _, err := client.DialOn(context.Background(), loop, "tcp", to, open); err != nil {
					remote.Close(err)
				}
			}()
			return nil
		})}
	})
	running, err := server.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client.Group = running.Group()
	close(ready)
	c := dial(t, running.Addr().String())
	io.WriteString(c, "CONNECT there:1 HTTP/1.1\r\nHost: there:1\r\n\r\nearly ")
	in := bufio.NewReader(c)
	if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 200") {
		t.Fatalf("%q, %v", line, err)
	}
	for line := ""; line != "\r\n"; {
		if line, err = in.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	io.WriteString(c, "and late")
	c.CloseWrite()
	if got, err := io.ReadAll(in); err != nil || string(got) != "hi you said early and late" {
		t.Errorf("%q, %v", got, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := running.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}
