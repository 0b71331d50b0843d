package datagram_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/channel/datagram/datagramtest"
)

// A burst that is written back: no allocation from Received to the last packet sent.
func TestEchoAllocs(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := datagramtest.Echo()
	s.Quiet = true
	c := datagramtest.Open(l, t, s, datagram.Options{})
	c.Wire.Discard()
	const packets = 100
	burst := func() {
		for i := range packets {
			from := ann
			if i%3 == 0 {
				from = eve
			}
			c.Received(datagram.Packet{Data: l.Received("a packet of some size"), Address: datagram.To(from)})
		}
		c.ReceivedEnd()
		l.Loop.Turn()
	}
	if n := testing.AllocsPerRun(100, burst); n != 0 {
		t.Errorf("%v allocations in a burst of %d packets", n, packets)
	}
	if c.Wire.Total() != 101*packets {
		t.Errorf("%d packets were sent", c.Wire.Total())
	}
}

// What the system does not take, and what it refuses, makes nothing either.
func TestLostAllocs(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := datagramtest.Echo()
	s.Quiet = true
	c := datagramtest.Open(l, t, s, datagram.Options{}, datagramtest.Always(datagramtest.Lose(errLost)))
	if n := testing.AllocsPerRun(100, func() {
		for range 40 {
			c.Received(datagram.Packet{Data: l.Received("x"), Address: datagram.To(ann)})
		}
		c.ReceivedEnd()
		l.Loop.Turn()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
