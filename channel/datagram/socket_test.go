package datagram_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/channel/datagram/datagramtest"
)

// A burst is answered packet by packet, each to its peer, with the bounds that packets have. Empty ones count.
func TestEcho(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := datagramtest.Echo()
	c := datagramtest.Open(l, t, s, datagram.Options{})
	c.Feed(ann, "one", "", "three")
	c.Feed(bob, "four")
	c.Feed(eve, "")
	wantSent(t, c, to("one", ann), to("", ann), to("three", ann), to("four", bob), to("", eve))
	wantCalls(t, s, "Open", "Receive", "Receive", "Receive", "ReceiveDone", "Receive", "ReceiveDone", "Receive", "ReceiveDone")
	if got, want := c.Stats(), (datagram.Stats{Received: 5, ReceivedBytes: 12, Sent: 5, SentBytes: 12}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	wantStats(t, c, datagram.Stats{})
}

// An answer leaves from the address, and by the interface, that the question came to.
func TestAddressOfAnswer(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := datagramtest.Open(l, t, datagramtest.Echo(), datagram.Options{})
	at := datagram.Address{Peer: ann, Local: bob.Addr(), Interface: 7}
	c.FeedVia(at, "x")
	if sent := c.Wire.Sent(); len(sent) != 1 || sent[0].Address != at {
		t.Errorf("sent %+v", sent)
	}
}

// What cannot be sent is refused, and its buffer released.
func TestRefused(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := datagramtest.Open(l, t, new(datagramtest.Sink), datagram.Options{MaxPackets: 3})
	connected := datagramtest.Dial(l, t, ann, new(datagramtest.Sink), datagram.Options{})
	check := func(got, want error) {
		t.Helper()
		if got != want {
			t.Errorf("error %v, want %v", got, want)
		}
	}
	check(c.Write(l.Buf("x")), datagram.ErrNoPeer)
	check(connected.WriteTo(l.Buf("x"), bob), datagram.ErrConnected)
	check(connected.WriteTo(l.Buf("x"), ann), nil)
	check(connected.Write(l.Buf("y")), nil)
	check(c.WriteTo(l.Buf(strings.Repeat("x", datagram.MaxPayload+1)), ann), datagram.ErrTooLarge)
	check(c.WriteTo(l.Buf(strings.Repeat("x", datagram.MaxPayload)), ann), nil)
	l.Settle()
	c.Stall()
	for range 3 {
		check(c.WriteTo(l.Pool.Alloc(0), ann), nil)
	}
	check(c.WriteTo(l.Buf("x"), ann), channel.ErrOutboundFull)
	if _, n := c.Queued(); n != 3 {
		t.Errorf("%d packets queued", n)
	}
	c.Unstall()
	wantSent(t, connected, to("x", ann), to("y", ann))
	wantStats(t, c, datagram.Stats{Refused: 1})
	c.Close(nil)
	check(c.WriteTo(l.Buf("x"), ann), channel.ErrClosed)
	check(c.Join(datagram.Membership{Group: eve.Addr()}), channel.ErrClosed)
}

// The hard cap in bytes refuses packets too, and the record of a refused one goes with it.
func TestOutboundFull(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := datagramtest.Open(l, t, new(datagramtest.Sink), datagram.Options{Marks: channel.Watermark{High: 10, Max: 20}})
	c.Stall()
	for i := range 200 { // more than a chunk of records
		err := c.WriteTo(l.Buf("12345"), ann)
		if (err == nil) != (i < 4) || err != nil && err != channel.ErrOutboundFull {
			t.Fatalf("write %d: %v", i, err)
		}
	}
	c.Unstall()
	if err := c.WriteTo(l.Buf("6"), bob); err != nil {
		t.Error(err)
	}
	l.Settle()
	x := to("12345", ann)
	wantSent(t, c, x, x, x, x, to("6", bob))
	wantStats(t, c, datagram.Stats{Refused: 196})
}

// Above the high mark nothing is delivered, also of a burst that has begun; below the low one it goes on where it was.
func TestBackPressure(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := datagramtest.Echo()
	c := datagramtest.Open(l, t, s, datagram.Options{Marks: channel.Watermark{Low: 3, High: 6}})
	c.Stall()
	c.Feed(ann, "1", "22", "333", "4444", "55555")
	c.Feed(bob, "666666")
	wantCalls(t, s, "Open", "Receive", "Receive", "Receive", "Receive", "ReceiveDone")
	if c.Wire.Reading() || c.Unread() != 1 || c.Writable() {
		t.Errorf("reading %v, %d unread", c.Wire.Reading(), c.Unread())
	}
	c.Unstall()
	wantCalls(t, s, "Receive", "ReceiveDone", "Writable", "Receive", "ReceiveDone")
	wantSent(t, c, to("1", ann), to("22", ann), to("333", ann), to("4444", ann), to("55555", ann), to("666666", bob))
}

// SetReading in the middle of a burst holds for the rest of it.
func TestPauseInBurst(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(datagramtest.Sink)
	got := 0
	s.OnReceive = func(p datagram.Packet) error {
		p.Data.Release()
		if got++; got%2 == 0 {
			s.Socket.SetReading(false)
		}
		return nil
	}
	c := datagramtest.Open(l, t, s, datagram.Options{})
	c.Feed(ann, "1", "2", "3", "4", "5")
	for want := 2; want <= 4; want += 2 {
		if got != want {
			t.Errorf("%d packets were delivered, want %d", got, want)
		}
		c.Do(func(s *datagram.Socket) { s.SetReading(true) })
	}
	if got != 5 {
		t.Errorf("%d packets were delivered at last", got)
	}
	c.Feed(bob, "6", "7") // the seventh stays, and is released with the socket
}

// A packet that the system refuses is lost alone. The sink is told when no call of its own runs.
func TestLost(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := datagramtest.Echo()
	bad := errors.New("bad destination")
	c := datagramtest.Open(l, t, s, datagram.Options{}, datagramtest.Take(1), datagramtest.Lose(bad), datagramtest.Take(1), datagramtest.Lose(bad))
	told := ""
	s.OnFailed = func(peer netip.AddrPort, err error) error {
		told += to(err.Error(), peer) + "; "
		return nil
	}
	c.Feed(ann, "1", "2", "3", "4", "5")
	wantSent(t, c, to("1", ann), to("3", ann), to("5", ann))
	wantStats(t, c, datagram.Stats{Lost: 2})
	if want := to("bad destination", ann) + "; "; told != want+want {
		t.Errorf("told %s", told)
	}
	// Many failures are counted, and some told.
	c.Wire.Add(datagramtest.Always(datagramtest.Lose(bad)))
	s.Calls, told = nil, ""
	c.Feed(bob, make([]string, 60)...)
	if n := strings.Count(told, "bad"); n != 16 || c.Stats().Lost != 62 {
		t.Errorf("%d failures were told, %d counted", n, c.Stats().Lost)
	}
}

// An error from the network does not close a socket; an error of Failed does.
func TestFailed(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(datagramtest.Sink)
	c := datagramtest.Dial(l, t, ann, s, datagram.Options{})
	refused := errors.New("refused")
	l.Protect(func() { c.Failed(refused) })
	l.Settle()
	wantCalls(t, s, "Open", "Failed: refused", "Writable")
	wantStats(t, c, datagram.Stats{Errors: 1})
	s.OnFailed = func(_ netip.AddrPort, err error) error { return err }
	l.Protect(func() { c.Failed(refused) })
	l.Settle()
	wantCalls(t, s, "Failed: refused", "Closed")
	if cause, _ := c.Told(); cause != refused {
		t.Errorf("cause %v", cause)
	}
}

// Close sends the rest, Abort and a broken socket drop it and count it.
func TestClose(t *testing.T) {
	l := channeltest.NewLoop(t)
	open := func(steps ...datagramtest.Step) *datagramtest.Conn {
		c := datagramtest.Open(l, t, new(datagramtest.Sink), datagram.Options{}, steps...)
		c.Do(func(s *datagram.Socket) {
			for range 3 {
				s.WriteTo(l.Buf("x"), ann)
			}
		})
		return c
	}
	c := open(datagramtest.Again())
	c.Close(nil)
	l.Settle()
	if _, closed := c.Told(); closed {
		t.Error("closed before the rest was sent")
	}
	c.Unstall()
	if cause, closed := c.Told(); !closed || cause != nil || c.Wire.Total() != 3 {
		t.Errorf("closed %v, %v, %d packets sent", closed, cause, c.Wire.Total())
	}
	c = open(datagramtest.Again())
	c.Close(nil)
	l.Advance(time.Minute)
	if cause, closed := c.Told(); !closed || cause != channel.ErrFlushTimeout || c.Stats().Lost != 3 {
		t.Errorf("closed %v, %v, %d lost", closed, cause, c.Stats().Lost)
	}
	c = open(datagramtest.Take(1), datagramtest.Fail(errors.New("broken")))
	if cause, closed := c.Told(); !closed || cause == nil || c.Stats().Lost != 2 {
		t.Errorf("closed %v, %v, %d lost", closed, cause, c.Stats().Lost)
	}
}

// Options.Closing is told of the socket, and of the cause that its sink gets.
func TestClosing(t *testing.T) {
	l := channeltest.NewLoop(t)
	var told *datagram.Socket
	var why error
	c := datagramtest.Open(l, t, new(datagramtest.Sink), datagram.Options{Closing: func(s *datagram.Socket, cause error) {
		told, why = s, cause
	}})
	l.Protect(c.Drain)
	l.Settle()
	if cause, _ := c.Told(); told != &c.Socket || why != channel.ErrShutdown || cause != why {
		t.Errorf("told of %p: %v, the sink: %v", told, why, cause)
	}
}
