package datagram_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	sockets "github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/channel/datagram/datagramtest"
	"github.com/ropewalk/ropewalk/pipeline/datagram"
)

func double(c *datagram.Ctx[uint32], n uint32, from datagram.Address) error {
	return c.Write(2*n, from)
}

func doubling() datagram.Wire {
	return datagram.Join(datagram.Codec(numbers{}, numbers{}), datagram.Serve(double))
}

// Packets that are shorter or longer than their message are dropped one by one, and the others answered.
func TestCodec(t *testing.T) {
	_, c, log := start(t, doubling)
	c.Feed(ann, "\x00\x00\x00\x01", "", "\x00\x00\x01", "\x00\x00\x00\x02x", "\x00\x00\x00\x03")
	wantSent(t, c, to("\x00\x00\x00\x02", ann), to("\x00\x00\x00\x06", ann))
	if s := c.Stats(); s.Rejected != 3 || s.Received != 5 {
		t.Errorf("stats %+v", s)
	}
	for _, want := range []string{"packet of 0 bytes, at byte 0: buffer: short input", "packet of 3 bytes, at byte 0: buffer: short input",
		"packet of 5 bytes, at byte 4: pipeline/datagram: bytes behind the message", "peer=" + ann.String()} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("not in the log: %s", want)
		}
	}
	if t.Failed() {
		t.Log(log)
	}
}

// What a decoder has taken of a packet that is dropped afterwards is released, as is the message of a handler that fails.
func TestOwnership(t *testing.T) {
	fail := errors.New("not today")
	_, c, _ := start(t, func() datagram.Wire {
		return datagram.Join(datagram.Codec(texts{}, texts{}), datagram.Serve(func(c *datagram.Ctx[*buffer.Buf], m *buffer.Buf, from datagram.Address) error {
			if m.HasPrefix([]byte("bad")) {
				m.Release()
				return fail
			}
			return c.Write(m, from)
		}))
	})
	c.Feed(ann, "\x03onex", "\x05short", "\x03bad", "\x09sho", "\x00")
	c.Feed(bob, "\x03one")
	wantSent(t, c, to("\x05short", ann), to("\x00", ann), to("\x03one", bob))
	if s := c.Stats(); s.Rejected != 3 {
		t.Errorf("stats %+v", s)
	}
}

// An encoder that fails loses its message, and the socket goes on.
func TestEncodeFails(t *testing.T) {
	_, c, log := start(t, func() datagram.Wire {
		return datagram.Join(datagram.Codec(numbers{}, numbers{}), datagram.Serve(func(c *datagram.Ctx[uint32], n uint32, from datagram.Address) error {
			return c.Write(n, from)
		}))
	})
	c.Feed(ann, "\x00\x00\x00\x0d", "\x00\x00\x00\x0e")
	wantSent(t, c, to("\x00\x00\x00\x0e", ann))
	if c.Stats().Rejected != 1 || !strings.Contains(log.String(), "13 is unlucky") {
		t.Errorf("stats %+v, log %s", c.Stats(), log)
	}
}

// A packet that makes a handler panic is dropped, and the next one served. One stack a second is logged.
func TestPanic(t *testing.T) {
	l, c, log := start(t, func() datagram.Wire {
		return datagram.Join(datagram.Codec(texts{}, texts{}), datagram.Serve(func(c *datagram.Ctx[*buffer.Buf], m *buffer.Buf, from datagram.Address) error {
			switch {
			case m.HasPrefix([]byte("evil")):
				panic("evil packet")
			case m.HasPrefix([]byte("late")):
				c.Write(m, from)
				panic("too late")
			}
			return c.Write(m, from)
		}))
	})
	c.Feed(ann, "\x04evil", "\x04good", "\x04late", "\x04good")
	wantSent(t, c, to("\x04good", ann), to("\x04late", ann), to("\x04good", ann))
	if _, closed := c.Told(); closed || c.Stats().Rejected != 2 {
		t.Errorf("closed %v, stats %+v", closed, c.Stats())
	}
	if n := strings.Count(log.String(), "panic while"); n != 1 {
		t.Errorf("%d panics were logged at once:\n%s", n, log)
	}
	l.Advance(2e9)
	c.Feed(bob, "\x04evil")
	if !strings.Contains(log.String(), "not_logged=1") {
		t.Errorf("log:\n%s", log)
	}
}

// A decoder that panics has its reader closed and what it took released.
func TestDecoderPanics(t *testing.T) {
	_, c, _ := start(t, func() datagram.Wire {
		return datagram.Join(datagram.Codec(moody{}, texts{}), datagram.Serve(func(c *datagram.Ctx[*buffer.Buf], m *buffer.Buf, from datagram.Address) error {
			return c.Write(m, from)
		}))
	})
	c.Feed(ann, "xx", "good", "xy", "fine")
	wantSent(t, c, to("\x04good", ann), to("\x04fine", ann))
}

type moody struct{}

func (moody) Decode(r *buffer.Reader) (*buffer.Buf, error) {
	b := r.Take(r.Len())
	if b.At(0) == 'x' {
		panic("moody")
	}
	return b, r.Err()
}

// limiter lets so many packets of an address pass. It is a stage of its own, with all the methods that one may have.
type limiter struct {
	datagram.Context[*buffer.Buf, *buffer.Buf]
	most  int
	seen  map[netip.Addr]int
	calls []string
}

func (l *limiter) Read(b *buffer.Buf, from datagram.Address) error {
	if l.seen[from.Peer.Addr()]++; l.seen[from.Peer.Addr()] > l.most {
		b.Release()
		return fmt.Errorf("more than %d packets", l.most)
	}
	return l.Fire(b, from)
}

func (l *limiter) called(s string) error { l.calls = append(l.calls, s); return nil }

func (l *limiter) Open() error        { l.seen = make(map[netip.Addr]int); return l.called("Open") }
func (l *limiter) ReceiveDone() error { return l.called("ReceiveDone") }
func (l *limiter) Writable() error    { return l.called("Writable") }
func (l *limiter) Closed(cause error) { l.called(fmt.Sprintf("Closed %v", cause)) }
func (l *limiter) Drain() bool        { l.called("Drain"); return true }
func (l *limiter) Failed(to netip.AddrPort, err error) error {
	return l.called(fmt.Sprintf("Failed %v %v", to, err))
}

// A stage stands in front of others, and is told what happens on the socket.
func TestStage(t *testing.T) {
	front := &limiter{most: 2}
	l, c, _ := start(t, func() datagram.Wire { return datagram.Join(front, doubling()) })
	one := "\x00\x00\x00\x01"
	c.Feed(ann, one, one, one)
	c.Feed(bob, one)
	two := "\x00\x00\x00\x02"
	wantSent(t, c, to(two, ann), to(two, ann), to(two, bob))
	lost := errors.New("lost")
	c.Wire.Add(datagramtest.Lose(lost))
	c.Do(func(s *sockets.Socket) { s.WriteTo(l.Buf("x"), bob) })
	l.Protect(c.Drain)
	l.Settle()
	if _, closed := c.Told(); closed {
		t.Error("the socket was closed although a stage wanted to do it")
	}
	c.Close(nil)
	l.Settle()
	want := []string{"Open", "ReceiveDone", "ReceiveDone", "Failed " + bob.String() + " lost", "Writable", "Drain", "Closed <nil>"}
	if !slices.Equal(front.calls, want) {
		t.Errorf("calls %q, want %q", front.calls, want)
	}
}

// The context of a stage reaches the socket.
func TestContext(t *testing.T) {
	l := channeltest.NewLoop(t)
	var remote datagram.Remote
	stage := datagram.Serve(func(c *datagram.Ctx[*buffer.Buf], b *buffer.Buf, from datagram.Address) error {
		if b.Release(); c.TOS() != 3 {
			t.Errorf("traffic class %d", c.TOS())
		}
		remote = c.Remote()
		answer := c.Alloc(2)
		answer.PutString("ok")
		return c.Write(answer, datagram.Address{Peer: c.Socket().Peer()})
	})
	c := datagramtest.DialWith(l, t, ann, datagram.With(stage), sockets.Options{})
	c.Received(sockets.Packet{Data: l.Buf("x"), Address: sockets.To(ann), TOS: 3})
	c.ReceivedEnd()
	remote.Write(l.Buf("later"))
	l.Settle()
	wantSent(t, c, to("ok", ann), to("later", ann))
}

// A queue that is full is counted once, as such.
func TestFull(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := datagramtest.DialWith(l, t, netip.AddrPort{}, datagram.New(doubling), sockets.Options{MaxPackets: 2, Marks: channel.Watermark{High: 1 << 20}})
	c.Stall()
	one := "\x00\x00\x00\x01"
	c.Feed(ann, one, one, one, one)
	if s := c.Stats(); s.Refused != 2 || s.Rejected != 0 {
		t.Errorf("stats %+v", s)
	}
}

// From a packet that was received to one that is sent nothing is made on the heap.
func TestAllocs(t *testing.T) {
	l := channeltest.NewLoop(t)
	stages := func() datagram.Wire {
		return datagram.Join(&limiter{most: 1 << 30, calls: make([]string, 0, 1000)}, doubling())
	}
	c := datagramtest.DialWith(l, t, netip.AddrPort{}, datagram.New(stages), sockets.Options{})
	c.Wire.Discard()
	if n := testing.AllocsPerRun(100, func() {
		for range 50 {
			c.Received(sockets.Packet{Data: l.Received("\x00\x00\x00\x01"), Address: sockets.To(ann)})
		}
		c.ReceivedEnd()
		l.Loop.Turn()
	}); n != 0 {
		t.Errorf("%v allocations in a burst of 50", n)
	}
	if c.Wire.Total() != 101*50 {
		t.Errorf("%d packets were sent", c.Wire.Total())
	}
}
