package gnet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// What gnet cannot do is refused, and says so.
func TestRefusals(t *testing.T) {
	if _, err := (Engine{}).Start(engine.Config{Loops: maxLoops + 1}); err == nil {
		t.Error("Start with too many loops: no error")
	}
	if _, err := (Engine{}).Start(engine.Config{Loops: 1, PinLoops: true}); !errors.Is(err, engine.ErrUnsupported) {
		t.Errorf("Start with PinLoops: %v, want ErrUnsupported", err)
	}
	g := start(t, Engine{})
	listen := engine.ListenConfig{Network: "tcp", Addr: "127.0.0.1:0", Options: channel.Options{}.Prepare(), MaxConns: math.MaxInt}
	for name, change := range map[string]func(*engine.ListenConfig){
		"Steer":       func(c *engine.ListenConfig) { c.ReusePort, c.Steer = true, true },
		"ZeroCopy":    func(c *engine.ListenConfig) { c.Socket.ZeroCopy = true },
		"Descriptors": func(c *engine.ListenConfig) { c.Socket.Descriptors = 1 },
	} {
		c := listen
		change(&c)
		if _, err := g.Listen(context.Background(), c); !errors.Is(err, engine.ErrUnsupported) || !strings.Contains(err.Error(), name) {
			t.Errorf("Listen with %s: %v, want ErrUnsupported", name, err)
		}
	}
	listen.Socket.Priority = -1
	if _, err := g.Listen(context.Background(), listen); err == nil {
		t.Error("Listen with a negative Priority: no error")
	}
	dial := engine.DialConfig{Network: "tcp", Addr: "127.0.0.1:1", Socket: engine.SocketOptions{ZeroCopy: true}}
	if _, err := g.Dial(context.Background(), dial); !errors.Is(err, engine.ErrUnsupported) {
		t.Errorf("Dial with ZeroCopy: %v, want ErrUnsupported", err)
	}
}

// Options for gnet are passed on, but for those that would break the engine.
func TestOptions(t *testing.T) {
	for _, options := range [][]gnetv2.Option{
		{gnetv2.WithReadBufferCap(1024)},
		{gnetv2.WithLockOSThread(true)},
		{gnetv2.WithMulticore(true), gnetv2.WithNumEventLoop(7), gnetv2.WithTicker(true), gnetv2.WithEdgeTriggeredIO(true)},
	} {
		p := serve(t, start(t, Engine{Options: options}), engine.SocketOptions{}, func(*channel.Channel) channel.Sink { return newSink() })()
		data := pattern(1 << 20)
		go func() {
			p.Write(data)
			p.CloseWrite()
		}()
		if got, err := io.ReadAll(p); err != nil || !bytes.Equal(got, data) {
			t.Errorf("the peer got %d bytes of %d back, and %v", len(got), len(data), err)
		}
	}
}

// gnet keeps the name of a Unix socket and the zone of an address to itself, and changes them.
func TestOwnAddr(t *testing.T) {
	tcp := &net.TCPAddr{IP: net.ParseIP("fe80::1"), Port: 80, Zone: "eth0"}
	if own := ownAddr(tcp); own.String() != "[fe80::1%eth0]:80" || tcp.Zone != "" {
		t.Errorf("own %v, left %v", own, tcp)
	}
	unix := &net.UnixAddr{Name: "/a", Net: "unix"}
	own := ownAddr(unix)
	unix.Name = "/b"
	if own.String() != "/a" {
		t.Errorf("own %v, want /a", own)
	}
	if clone(tcp).String() != tcp.String() || clone(unix).String() != unix.String() || clone(nil) != nil {
		t.Error("a clone is another address")
	}
}

func TestLogger(t *testing.T) {
	var text bytes.Buffer
	l := Logger(slog.New(slog.NewTextHandler(&text, nil)))
	l.Debugf("no %d", 1)
	l.Infof("no %d", 2)
	l.Warnf("no %d", 3)
	l.Errorf("yes %d", 4)
	l.Fatalf("yes %d", 5)
	if got := text.String(); strings.Contains(got, "no") || strings.Count(got, `level=ERROR msg="gnet: yes`) != 2 {
		t.Errorf("logged: %s", got)
	}
	if Logger(nil).(logger).to != slog.Default() {
		t.Error("Logger(nil) does not log to the default logger")
	}
}

// A loop's timers do not depend on events: the earlier one counts, also if it was set later, and by an event.
func TestArm(t *testing.T) {
	p, s := pair(t, start(t, Engine{}), engine.SocketOptions{})
	fired := make(chan int, 2)
	s.do(t, func(c *conn) {
		c.AfterFunc(time.Hour, func() { fired <- 1 })
		s.onEOF = func(s *sink) error {
			s.ch.KeepOpen()
			s.ch.AfterFunc(time.Millisecond, func() { fired <- 2 })
			return nil
		}
	})
	p.CloseWrite()
	if n := await(t, "a timer", fired); n != 2 {
		t.Errorf("timer %d has fired", n)
	}
}

func TestStats(t *testing.T) {
	g := start(t, Engine{})
	p := serve(t, g, engine.SocketOptions{}, func(*channel.Channel) channel.Sink { return newSink() })()
	const n = 100
	var got [1]byte
	for range n {
		p.Write([]byte("x"))
		if _, err := io.ReadFull(p, got[:]); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the counts", func() bool {
		s := g.Stats()
		return s.Reads == n && s.Writes == n && s.WrittenBytes == n
	})
}
