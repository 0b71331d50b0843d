//go:build linux

package socket_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// abstract returns a name that no other test has.
func abstract(t *testing.T) string { return fmt.Sprintf("@ropewalk %d %s", os.Getpid(), t.Name()) }

// dialWith has a group dial, and returns the sink of the channel.
func dialWith(t *testing.T, g *sockettest.Group, addr net.Addr, o engine.SocketOptions) *sockettest.Sink {
	t.Helper()
	s := sockettest.Echo()
	_, err := g.Group.Dial(context.Background(), engine.DialConfig{
		Network: addr.Network(), Addr: addr.String(), Options: channel.Options{}.Prepare(), Socket: o,
		Open: func(*channel.Channel) channel.Sink { return s },
	})
	if err != nil {
		t.Fatal(err)
	}
	g.Watch(s)
	sockettest.Await(t, "Open", s.Opened)
	return s
}

// A name that begins with @ is one of the abstract name space: there is no file of it, both sides show it, and it is free again
// as soon as the listener is closed.
func TestAbstractNames(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		name := abstract(t)
		for range 3 {
			s := sockettest.Echo()
			ln := g.Listen(engine.ListenConfig{Network: "unix", Addr: name}, func(*channel.Channel) channel.Sink { return s })
			if got := ln.Addr().String(); got != name {
				t.Errorf("Addr is %q, want %q", got, name)
			}
			d := dialWith(t, g, ln.Addr(), engine.SocketOptions{})
			sockettest.Await(t, "Open", s.Opened)
			g.On(func() {
				if got := s.Channel.LocalAddr(); got == nil || got.String() != name || got.Network() != "unix" {
					t.Errorf("accepted: LocalAddr is %v, want %q", got, name)
				}
				if got := s.Channel.RemoteAddr(); got == nil || got.String() != "" {
					t.Errorf("accepted: RemoteAddr is %v, want one without a name", got)
				}
				if got := d.Channel.RemoteAddr(); got == nil || got.String() != name {
					t.Errorf("dialed: RemoteAddr is %v, want %q", got, name)
				}
			})
			if _, err := os.Stat(name); !os.IsNotExist(err) {
				t.Errorf("stat of the name: %v, want that there is no such file", err)
			}
			if err := ln.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			g.On(func() { d.Channel.Close(nil) })
			sockettest.Await(t, "the end", d.Gone)
		}
	})
}

// A file that has the name of an abstract socket is not removed with it.
func TestAbstractNameIsNoPath(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		t.Chdir(t.TempDir())
		if err := os.WriteFile("@s", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		ln := g.Listen(engine.ListenConfig{Network: "unix", Addr: "@s"}, func(*channel.Channel) channel.Sink { return nil })
		if err := ln.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if _, err := os.Stat("@s"); err != nil {
			t.Errorf("the file: %v", err)
		}
	})
}

// A name that is too long, or taken, is refused with an error that names it.
func TestUnixNamesRefused(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		taken := abstract(t)
		g.Listen(engine.ListenConfig{Network: "unix", Addr: taken}, func(*channel.Channel) channel.Sink { return nil })
		for _, name := range []string{"@" + strings.Repeat("x", 108), taken} {
			_, err := g.Group.Listen(context.Background(), engine.ListenConfig{Network: "unix", Addr: name, Options: channel.Options{}.Prepare(), MaxConns: 1})
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("Listen: %v, want an error that names %q", err, name)
			}
		}
	})
}

// The credentials of a peer of the same process are those of the process, on both sides.
func TestPeerCredentials(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		want := channel.Credentials{PID: os.Getpid(), UID: os.Getuid(), GID: os.Getgid()}
		path := filepath.Join(t.TempDir(), "s")
		s := sockettest.Echo()
		ln := g.Listen(engine.ListenConfig{Network: "unix", Addr: path}, func(*channel.Channel) channel.Sink { return s })
		d := dialWith(t, g, ln.Addr(), engine.SocketOptions{})
		sockettest.Await(t, "Open", s.Opened)
		g.On(func() {
			for side, ch := range map[string]*channel.Channel{"accepted": s.Channel, "dialed": d.Channel} {
				if got, err := ch.PeerCredentials(); got != want || err != nil {
					t.Errorf("%s: %+v, %v, want %+v", side, got, err, want)
				}
				f, err := ch.PeerProcess()
				if err != nil {
					t.Errorf("%s: PeerProcess: %v", side, err) // 6.5 and later know it
					continue
				}
				info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", f.Fd()))
				if err != nil || !strings.Contains(string(info), fmt.Sprintf("Pid:\t%d\n", os.Getpid())) {
					t.Errorf("%s: the descriptor is of\n%s%v", side, info, err)
				}
				f.Close()
			}
			s.Channel.Abort(nil)
		})
		sockettest.Await(t, "the end", s.Gone)
		if _, err := s.Channel.PeerCredentials(); err == nil { // nobody else has the channel any more
			t.Error("a closed channel tells credentials")
		}
	})
}

// Connections of TCP have no credentials and pass no descriptors.
func TestUnixOnlyFeatures(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.Echo()
		ln := g.Listen(engine.ListenConfig{Network: "tcp", Addr: "127.0.0.1:0", Socket: engine.SocketOptions{Descriptors: 1}}, func(*channel.Channel) channel.Sink { return s })
		g.Dial(ln)
		sockettest.Await(t, "Open", s.Opened)
		g.On(func() {
			_, err := s.Channel.PeerCredentials()
			unsupported(t, "PeerCredentials", err)
			_, err = s.Channel.PeerProcess()
			unsupported(t, "PeerProcess", err)
			unsupported(t, "WriteDescriptors", s.Channel.WriteDescriptors(withByte(t, s.Channel, newFile(t, "x"))))
		})
	})
}
