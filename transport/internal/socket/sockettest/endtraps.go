//go:build linux

package sockettest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var endTraps = []trap{
	{"DataThenEnd", dataThenEnd},
	{"DataThenReset", dataThenReset},
	{"EndThenReply", endThenReply},
}

// counted returns a sink that verifies its input, and counts it.
func counted(stream uint32) (*Sink, *atomic.Int64) {
	s, n := NewSink(), new(atomic.Int64)
	in := Flow{Stream: stream}
	s.OnRead = func(s *Sink, b *buffer.Buf) error {
		defer b.Release()
		n.Add(int64(b.Len()))
		if err := in.CheckBuf(b); err != nil {
			s.Fault("input: %w", err)
		}
		if in.At <= few { // the first bytes are answered
			r := s.Channel.Alloc(b.Len())
			r.PutZero(b.Len())
			return s.Channel.Write(r)
		}
		return nil
	}
	return s, n
}

// warmed connects a peer to a sink of counted, and sends the bytes that are answered.
func warmed(t *testing.T, connect func(channel.Sink) net.Conn, s *Sink, stream uint32) *talk {
	t.Helper()
	p := newTalk(connect(s), stream)
	for range few {
		p.send(1)
		if _, err := io.ReadFull(p, p.room[:1]); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// dataThenEnd has the end of the stream come right behind data, in one packet with it or in the next: all data comes first, the
// end once, nothing after it.
func dataThenEnd(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
	for round := range times(300) {
		s, n := counted(uint32(round))
		p := warmed(t, connect, s, uint32(round))
		for i := range round % 4 {
			p.send(1 + (round*37+i*5000)%20_000)
		}
		p.Conn.(*net.TCPConn).CloseWrite()
		if err := Await(t, "Closed", s.Gone); err != nil {
			t.Fatalf("round %d: cause %v, want nil", round, err)
		}
		if n.Load() != int64(p.out.At) {
			t.Fatalf("round %d: %d of %d bytes came before the end", round, n.Load(), p.out.At)
		}
		p.Close()
	}
}

// dataThenReset has a reset come right behind data: no byte is wrong, and the cause is the reset.
func dataThenReset(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
	for round := range times(300) {
		s, n := counted(uint32(round))
		p := warmed(t, connect, s, uint32(round))
		for i := range round % 4 {
			p.send(1 + (round*37+i*5000)%20_000)
		}
		p.Conn.(*net.TCPConn).SetLinger(0)
		p.Close()
		if err := Await(t, "Closed", s.Gone); !errors.Is(err, unix.ECONNRESET) {
			t.Fatalf("round %d: cause %v, want a reset", round, err)
		}
		if n.Load() > int64(p.out.At) {
			t.Fatalf("round %d: %d of %d bytes came before the reset", round, n.Load(), p.out.At)
		}
	}
}

// endThenReply has peers that have ended their stream get long replies, while they wait for others to end.
func endThenReply(t *testing.T, e engine.Engine) {
	const size = 1 << 20
	g := Start(t, e)
	ln := g.Listen(engine.ListenConfig{}, func(*channel.Channel) channel.Sink {
		s := NewSink()
		s.OnEOF = func(s *Sink) error { return s.Channel.Write((&Flow{Stream: 9}).Put(s.Channel, size)) }
		return s
	})
	peers := make([]*talk, times(50))
	for i := range peers {
		peers[i] = newTalk(g.Dial(ln), uint32(i))
	}
	Together(t, len(peers), func(i int) error {
		p := peers[i]
		for range few {
			p.send(1)
		}
		if err := p.Conn.(*net.TCPConn).CloseWrite(); err != nil {
			return err
		}
		in := Flow{Stream: 9}
		if err := in.CheckFrom(p, size, p.room); err != nil {
			return err
		}
		if n, err := p.Read(p.room); n != 0 || err != io.EOF {
			return fmt.Errorf("got %d bytes and %w, want the end", n, err)
		}
		return nil
	})
}
