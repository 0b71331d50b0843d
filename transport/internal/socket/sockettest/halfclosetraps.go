//go:build linux

package sockettest

import (
	"net"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var halfCloseTraps = []trap{
	{"HalfClosedSlow", halfClosedSlow},
	{"ResetBehindEnd", resetBehindEnd},
}

// halfClosedSlow has a peer end its stream and then not read what it is sent: the loop rests meanwhile, and all comes when it reads.
// The end of the stream is an event that is there for ever.
func halfClosedSlow(t *testing.T, e engine.Engine) {
	const piece = 60_000
	const size = 500 * piece
	g := Start(t, e)
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{HalfOpen: true, Marks: channel.Watermark{Max: -1}})
	s := NewSink()
	s.OnEOF = func(s *Sink) error {
		var f Flow
		for f.At < size {
			if err := s.Channel.Write(f.Put(s.Channel, piece)); err != nil {
				return err
			}
		}
		s.Channel.Close(nil)
		return nil
	}
	p := connect(s)
	p.(*net.TCPConn).CloseWrite()
	g.Quiet("half-closed and slow")
	var f Flow
	room := make([]byte, 64<<10)
	for _, n := range []int{size / 2, size - size/2} {
		if err := f.CheckFrom(p, n, room); err != nil {
			t.Fatal(err)
		}
		g.Quiet("half-closed, after some of it")
	}
	p.Close()
}

// resetBehindEnd has a peer end its stream, and later reset the connection: the channel is told, although it reads no more, because
// it is paused or because the stream has ended.
func resetBehindEnd(t *testing.T, e engine.Engine) {
	for _, paused := range []bool{false, true} {
		g := Start(t, e)
		connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{HalfOpen: true})
		s := NewSink()
		p := connect(s)
		if paused {
			g.On(func() { s.Channel.SetReading(false) })
		}
		p.Write([]byte("hello"))
		p.(*net.TCPConn).CloseWrite()
		g.Quiet("half-closed")
		p.(*net.TCPConn).SetLinger(0)
		p.Close()
		if err := Await(t, "Closed", s.Gone); err == nil {
			t.Errorf("paused %v: the reset was not told as an error", paused)
		}
		g.Quiet("reset")
	}
}
