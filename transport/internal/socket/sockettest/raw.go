//go:build linux

package sockettest

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// A RawPeer is the other side of a connection without anything of package net: what it does costs no memory of the Go heap. Its
// value is the descriptor.
type RawPeer int

// ServeRaw listens and returns what makes peers, and the listener. The peers are closed when the test ends.
func (g *Group) ServeRaw(accept func(*channel.Channel) channel.Sink) (func() RawPeer, engine.Listener) {
	g.t.Helper()
	ln := g.Listen(engine.ListenConfig{}, accept)
	fds := make([]RawPeer, 0, 4096) // not to be counted as memory of connections
	g.t.Cleanup(func() {            // one for all: the testing package keeps a stack for each
		for _, fd := range fds {
			unix.Close(int(fd))
		}
	})
	return func() RawPeer {
		g.t.Helper()
		p := newRawPeer(g.t)
		fds = append(fds, p)
		p.connect(g.t, ln)
		return p
	}, ln
}

// newRawPeer returns a peer that is not connected yet.
func newRawPeer(t testing.TB) RawPeer {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	tv := unix.NsecToTimeval(int64(Patience))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv); err != nil {
		t.Fatal(err)
	}
	return RawPeer(fd)
}

// connect connects it to a listener on 127.0.0.1.
func (fd RawPeer) connect(t testing.TB, ln engine.Listener) {
	t.Helper()
	addr := unix.SockaddrInet4{Port: ln.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}}
	if err := unix.Connect(int(fd), &addr); err != nil {
		t.Fatal(err)
	}
}

// Exchange sends p and reads as many bytes back, by way of room.
func (fd RawPeer) Exchange(t testing.TB, p, room []byte) {
	if n, err := unix.Write(int(fd), p); n != len(p) {
		t.Fatalf("peer: sent %d of %d bytes: %v", n, len(p), err)
	}
	for got := 0; got < len(p); {
		n, err := unix.Read(int(fd), room)
		if err == unix.EINTR { // a signal of the runtime; with a timeout the call is not begun again
			continue
		}
		if n <= 0 {
			t.Fatalf("peer: got %d of %d bytes: %v", got, len(p), err)
		}
		got += n
	}
}
