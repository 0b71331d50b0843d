//go:build linux

package socket_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// option returns a socket option of an open channel.
func option(t *testing.T, g *sockettest.Group, s *sockettest.Sink, level, name int) (v int) {
	t.Helper()
	var err error
	g.On(func() { v, err = unix.GetsockoptInt(int(s.Conn().FD), level, name) })
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Accepted and dialed sockets have the options that were asked for.
func TestSocketOptions(t *testing.T) {
	o := engine.SocketOptions{
		KeepAlive: 40 * time.Second, KeepAliveInterval: 1500 * time.Millisecond, KeepAliveCount: 3, UserTimeout: 12345*time.Millisecond + 1,
		NotSentLowat: 70_000, TypeOfService: 0xb8, Priority: 5, BusyPoll: 49*time.Microsecond + 1,
	}
	for _, network := range []string{"tcp4", "tcp6"} {
		t.Run(network, func(t *testing.T) {
			onGroups(t, func(t *testing.T, g *sockettest.Group) {
				addr := map[string]string{"tcp4": "127.0.0.1:0", "tcp6": "[::1]:0"}[network]
				accepted := sockettest.NewSink()
				ln := g.Listen(engine.ListenConfig{Network: network, Addr: addr, Socket: o}, func(*channel.Channel) channel.Sink { return accepted })
				dialed := dialWith(t, g, ln.Addr(), o)
				sockettest.Await(t, "Open", accepted.Opened)
				for side, s := range map[string]*sockettest.Sink{"accepted": accepted, "dialed": dialed} {
					for _, c := range []struct {
						what              string
						level, name, want int
					}{
						{"TCP_KEEPIDLE", unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 40},
						{"TCP_KEEPINTVL", unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 2},
						{"TCP_KEEPCNT", unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3},
						{"TCP_USER_TIMEOUT", unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 12346},
						{"TCP_NOTSENT_LOWAT", unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, 70_000},
						{"SO_BUSY_POLL", unix.SOL_SOCKET, unix.SO_BUSY_POLL, 50},
						{"SO_PRIORITY", unix.SOL_SOCKET, unix.SO_PRIORITY, 5},
						{"IP_TOS", unix.IPPROTO_IP, unix.IP_TOS, 0xb8},
						{"IPV6_TCLASS", unix.IPPROTO_IPV6, unix.IPV6_TCLASS, 0xb8},
					} {
						if c.level == unix.IPPROTO_IPV6 && network == "tcp4" || c.level == unix.IPPROTO_IP && network == "tcp6" {
							continue
						}
						if got := option(t, g, s, c.level, c.name); got != c.want {
							t.Errorf("%s: %s is %d, want %d", side, c.what, got, c.want)
						}
					}
				}
			})
		})
	}
}

// The time between probes is that of KeepAlive unless it is given.
func TestKeepAliveIntervalDefault(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		ln := g.Listen(engine.ListenConfig{Network: "tcp", Addr: "127.0.0.1:0", Socket: engine.SocketOptions{KeepAlive: 33 * time.Second}},
			func(*channel.Channel) channel.Sink { return s })
		g.Dial(ln)
		sockettest.Await(t, "Open", s.Opened)
		if got := option(t, g, s, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL); got != 33 {
			t.Errorf("TCP_KEEPINTVL is %d, want 33", got)
		}
	})
}

// A connection is not reported before its first bytes have come; data with the SYN is taken when the system allows it.
func TestDeferAccept(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.Echo()
		ln := g.Listen(engine.ListenConfig{Network: "tcp", Addr: "127.0.0.1:0", Socket: engine.SocketOptions{DeferAccept: 30 * time.Second, FastOpen: 16}},
			func(*channel.Channel) channel.Sink { return s })
		p := g.Dial(ln)
		g.Quiet("nothing has come")
		select {
		case <-s.Opened:
			t.Error("the connection was reported although nothing has come")
		default:
		}
		io.WriteString(p, "ping")
		sockettest.Await(t, "Open", s.Opened)
		if _, err := io.ReadFull(p, make([]byte, 4)); err != nil {
			t.Error(err)
		}
	})
}

// What the kernel refuses is an error that names the option, what makes no sense one that names the field.
func TestSocketOptionsRefused(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		for _, c := range []struct {
			name string
			o    engine.SocketOptions
			want string
		}{
			{"tos", engine.SocketOptions{TypeOfService: 256}, "TypeOfService is 256"},
			{"count", engine.SocketOptions{KeepAliveCount: -1}, "KeepAliveCount is -1"},
			{"interval", engine.SocketOptions{KeepAliveInterval: -time.Second}, "KeepAliveInterval is -1s"},
			{"interval of the kernel", engine.SocketOptions{KeepAliveInterval: 1000 * time.Hour}, "TCP_KEEPINTVL to 3600000"},
			{"descriptors", engine.SocketOptions{Descriptors: -1}, "Descriptors is -1"},
			{"user timeout", engine.SocketOptions{UserTimeout: 1 << 62}, "UserTimeout is"},
		} {
			lc := engine.ListenConfig{Network: "tcp", Addr: "127.0.0.1:0", Options: channel.Options{}.Prepare(), MaxConns: 1, Socket: c.o}
			if _, err := g.Group.Listen(context.Background(), lc); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Listen, %s: %v, want an error with %q", c.name, err, c.want)
			}
			ln := g.Listen(engine.ListenConfig{}, func(*channel.Channel) channel.Sink { return nil })
			_, err := g.Group.Dial(context.Background(), engine.DialConfig{
				Network: "tcp", Addr: ln.Addr().String(), Options: lc.Options, Socket: c.o, Open: func(*channel.Channel) channel.Sink { return sockettest.NewSink() },
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Dial, %s: %v, want an error with %q", c.name, err, c.want)
			}
		}
	})
}

// What an engine cannot do is refused, and not left out in silence.
func TestSocketOptionsUnsupported(t *testing.T) {
	for name, o := range map[string]engine.SocketOptions{"Descriptors": {Descriptors: 1}, "ZeroCopy": {ZeroCopy: true}} {
		if err := o.Check(engine.Capabilities{}); !errors.Is(err, engine.ErrUnsupported) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want ErrUnsupported with the name", name, err)
		}
		if err := o.Check(engine.Capabilities{Descriptors: true, ZeroCopy: true}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
