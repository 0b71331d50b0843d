package datagram_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/channel/datagram/datagramtest"
)

var errLost = errors.New("lost")

// A sink that panics closes its socket, and nothing of the burst is lost to the pool.
func TestPanic(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(datagramtest.Sink)
	s.OnReceive = func(p datagram.Packet) error {
		s.Socket.WriteTo(p.Data, ann)
		if len(s.Calls) == 3 {
			panic("second packet")
		}
		return nil
	}
	c := datagramtest.Open(l, t, s, datagram.Options{})
	c.Feed(bob, "1", "2", "3", "4")
	if p := l.Panics(); len(p) != 1 || p[0] != "second packet" {
		t.Errorf("panics %v", p)
	}
	var cause *channel.PanicError
	if why, closed := c.Told(); !closed || !errors.As(why, &cause) {
		t.Errorf("closed %v: %v", closed, why)
	}
	wantSent(t, c, to("1", ann), to("2", ann))
}

// Calls of other goroutines reach the socket, and find out that it is gone.
func TestRemote(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := datagramtest.Open(l, t, new(datagramtest.Sink), datagram.Options{})
	r := c.Remote()
	done := make(chan error)
	go func() {
		done <- errors.Join(r.WriteTo(l.Pool.Alloc(0), bob), r.Write(l.Pool.Alloc(0)), // which has no peer
			r.Send(datagram.Packet{Data: buffer.Wrap(l.Pool, []byte("x"), nil), Address: datagram.To(ann)}))
	}()
	if err := <-done; err != nil {
		t.Error(err)
	}
	l.Settle()
	wantSent(t, c, to("", bob), to("x", ann))
	r.Close(nil)
	l.Settle()
	ran := 0
	r.Do(func(s *datagram.Socket, err error) {
		if ran++; s != nil || err != channel.ErrClosed {
			t.Errorf("Do: %v, %v", s, err)
		}
	})
	if err := r.WriteTo(l.Buf("late"), ann); err != nil { // is dropped on the loop
		t.Error(err)
	}
	l.Settle()
	if ran != 1 || (datagram.Remote{}).Close(nil) != channel.ErrClosed || c.Remote() != (datagram.Remote{}) {
		t.Errorf("Do ran %d times", ran)
	}
}

// The bytes of packets that wait for the loop are bounded.
func TestRemoteFull(t *testing.T) {
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.MaxCallBytes = 10 })
	c := datagramtest.Open(l, t, new(datagramtest.Sink), datagram.Options{})
	r := c.Remote()
	for _, want := range []error{nil, channel.ErrRemoteFull} {
		if err := r.WriteTo(l.Buf(strings.Repeat("x", 8)), ann); err != want {
			t.Errorf("error %v, want %v", err, want)
		}
	}
	l.Settle()
}

// Timers run on the loop, and end with the socket.
func TestTimer(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(datagramtest.Sink)
	s.OnOpen = func(s *datagram.Socket) error {
		s.AfterFunc(time.Second, func() { s.WriteTo(l.Buf("tick"), ann) })
		s.AfterFunc(time.Hour, func() { t.Error("a timer of a closed socket") })
		return nil
	}
	c := datagramtest.Open(l, t, s, datagram.Options{})
	l.Advance(time.Second)
	wantSent(t, c, to("tick", ann))
	c.Close(nil)
	l.Advance(2 * time.Hour)
}

// While memory is short a socket reads packet by packet; when there is none at all it waits, and goes on by itself.
func TestPressure(t *testing.T) {
	pool := &buffer.Pool{Limit: 1 << 20}
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = pool })
	s := new(datagramtest.Sink)
	c := datagramtest.Open(l, t, s, datagram.Options{})
	var kept []*buffer.Buf
	fill := func(until func() bool) {
		for n := 32 << 10; n > 0 && !until(); {
			b, err := l.Cache().TryAlloc(n)
			if err != nil {
				n -= n/16 + 1
				continue
			}
			kept = append(kept, b)
		}
	}
	fill(pool.Pressed)
	c.Feed(ann, "1", "", "3")
	wantCalls(t, s, "Open", "Receive", "ReceiveDone", "Receive", "ReceiveDone", "Receive", "ReceiveDone")
	fill(func() bool { return false })
	c.Feed(ann, "4")
	if c.Wire.Reading() || c.Unread() != 1 || l.Pauses() == 0 {
		t.Errorf("reading %v, %d unread, %d pauses", c.Wire.Reading(), c.Unread(), l.Pauses())
	}
	for _, b := range kept {
		b.Release()
	}
	pool.Trim()
	l.Advance(time.Second)
	c.Feed(bob, "5")
	if fmt.Sprint(s.In) != fmt.Sprint([]string{to("1", ann), to("", ann), to("3", ann), to("4", ann), to("5", bob)}) {
		t.Errorf("received %v", s.In)
	}
}

// A sink whose method Drain returns true closes the socket itself.
func TestDrain(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(drainer)
	c := datagramtest.Open(l, t, s, datagram.Options{})
	l.Protect(c.Drain)
	l.Settle()
	if _, closed := c.Told(); closed || !s.asked {
		t.Fatalf("closed %v, asked %v", closed, s.asked)
	}
	c.Close(nil)
	l.Settle()
	if cause, closed := c.Told(); !closed || cause != nil {
		t.Errorf("closed %v: %v", closed, cause)
	}
}

type drainer struct {
	datagramtest.Sink
	asked bool
}

func (d *drainer) Drain() bool { d.asked = true; return true }

// Memberships reach the backend.
func TestGroups(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := datagramtest.Open(l, t, new(datagramtest.Sink), datagram.Options{})
	m := datagram.Membership{Group: netip.MustParseAddr("239.1.2.3"), Interface: "lo"}
	if err := c.Join(m); err != nil || len(c.Wire.Groups()) != 1 {
		t.Errorf("%v, groups %v", err, c.Wire.Groups())
	}
	if err := c.Leave(m); err != nil || len(c.Wire.Groups()) != 0 {
		t.Errorf("%v, groups %v", err, c.Wire.Groups())
	}
}
