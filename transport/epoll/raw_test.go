//go:build linux

package epoll

import (
	"context"
	"math"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// rawPeer is the other side of a connection without anything of package net: what it does costs no memory of the Go heap.
type rawPeer int

// rawServe listens and returns what makes peers, and the listener.
func rawServe(t testing.TB, g *group, accept func(*channel.Channel) channel.Sink) (func() rawPeer, engine.Listener) {
	t.Helper()
	ln, err := g.Listen(context.Background(), engine.ListenConfig{
		Network: "tcp", Addr: "127.0.0.1:0", Options: channel.Options{}.Prepare(), MaxConns: math.MaxInt, Accept: accept,
	})
	if err != nil {
		t.Fatal(err)
	}
	fds := make([]int, 0, 4096) // not to be counted as memory of connections
	t.Cleanup(func() {          // one for all: the testing package keeps a stack for each
		for _, fd := range fds {
			unix.Close(fd)
		}
	})
	addr := &unix.SockaddrInet4{Port: ln.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}}
	return func() rawPeer {
		t.Helper()
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		fds = append(fds, fd)
		if err := unix.Connect(fd, addr); err != nil {
			t.Fatal(err)
		}
		tv := unix.NsecToTimeval(int64(patience))
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv); err != nil {
			t.Fatal(err)
		}
		return rawPeer(fd)
	}, ln
}

// exchange sends p and reads as many bytes back.
func (fd rawPeer) exchange(t testing.TB, p, room []byte) {
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
