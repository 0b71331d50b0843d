//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package std

import (
	"io"
	"net"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// turns is a sink that answers, and notes in which turn of the loop it was given what.
type turns struct {
	*echo
	peer net.Conn
	seen chan uint64
}

func (s *turns) Read(b *buffer.Buf) error {
	s.seen <- s.ch.Loop().Turns()
	return s.echo.Read(b)
}

// ReadDone is called before the socket is read again: what the peer sends now is found by that.
func (s *turns) ReadDone() error {
	if s.peer != nil {
		s.peer.Write([]byte("two"))
		s.peer = nil
	}
	return nil
}

// What was sent later than something was read is of a later turn, though one event brings both.
func TestReadsAreTurns(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	nc, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	s := &turns{newEcho(), peer, make(chan uint64, 2)}
	dialConn(t, nc, s, channel.Options{})
	if _, err := peer.Write([]byte("one")); err != nil {
		t.Fatal(err)
	}
	if one, two := <-s.seen, <-s.seen; one == two {
		t.Errorf("what was sent in turn %d was read in that turn", one)
	}
	if _, err := io.ReadFull(peer, make([]byte, len("onetwo"))); err != nil {
		t.Error(err)
	}
	peer.Close()
	if err := s.cause(t); err != nil {
		t.Error(err)
	}
}
