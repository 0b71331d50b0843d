package channeltest

import (
	"strconv"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A Conn is a channel and both of its ends: the test is the peer that sends and the kernel that takes.
type Conn struct {
	channel.Port
	Wire *Script

	loop  *Loop
	watch *watch
	inbox []input
}

// input is something the peer has sent that the channel has not read.
type input struct {
	bytes string
	b     *buffer.Buf
	eof   bool
}

// Conn returns the connection of a channel.
func (l *Loop) Conn(ch *channel.Channel) *Conn {
	for _, c := range l.conns {
		if &c.Channel == ch {
			return c
		}
	}
	return nil
}

// New returns a connection whose channel is not open yet: the test calls c.Port.Open.
func (l *Loop) New(s channel.Sink, o channel.Options, steps ...Step) *Conn {
	name := "conn " + strconv.Itoa(len(l.conns)+1)
	c := &Conn{Wire: NewScript(l.t, name, steps...), loop: l}
	c.Wire.blocked, c.Wire.has = c.Blocked, c.has
	c.watch = &watch{Sink: s, t: l.t, name: name}
	c.Init(l.Loop, c.Wire, c.watch, o.Prepare())
	l.conns = append(l.conns, c)
	return c
}

// SetSink replaces the sink of a connection that is not open yet, for sinks that are made from their channel.
func (c *Conn) SetSink(s channel.Sink) { c.watch.Sink = s }

// Open opens a channel with the sink s. The steps answer its writes, see Script.
func (l *Loop) Open(s channel.Sink, o channel.Options, steps ...Step) *Conn {
	l.t.Helper()
	c := l.New(s, o, steps...)
	l.Protect(c.Port.Open)
	l.Settle()
	return c
}

// Feed sends bytes to the channel, as one read. While the channel does not read they wait, as they would in the
// kernel.
func (c *Conn) Feed(s string) {
	c.loop.t.Helper()
	if s != "" {
		c.feed(input{bytes: s})
	}
}

// FeedBuf is Feed for a buffer, which it consumes.
func (c *Conn) FeedBuf(b *buffer.Buf) {
	c.loop.t.Helper()
	c.feed(input{b: b})
}

// FeedEOF ends the peer's stream. The channel learns of it when it has read everything before.
func (c *Conn) FeedEOF() {
	c.loop.t.Helper()
	c.feed(input{eof: true})
}

func (c *Conn) feed(in input) {
	c.loop.t.Helper()
	c.inbox = append(c.inbox, in)
	c.loop.Settle()
}

// Break ends the connection with an error, at once.
func (c *Conn) Break(err error) {
	c.loop.t.Helper()
	c.loop.Protect(func() { c.Fail(err) })
	c.loop.Settle()
}

// Stall makes writes take nothing until Unstall.
func (c *Conn) Stall() { c.Wire.stalled = true }

// Unstall ends Stall, or EAGAIN: there is room again.
func (c *Conn) Unstall() {
	c.loop.t.Helper()
	c.Wire.stalled = false
	if !c.Wire.closed {
		c.loop.Protect(c.Ready)
	}
	c.loop.Settle()
}

// Do runs f as a call from another goroutine would be run, by channel.Remote.Do.
func (c *Conn) Do(f func(*channel.Channel)) {
	c.loop.t.Helper()
	c.Remote().Do(func(ch *channel.Channel, err error) {
		if err != nil {
			c.loop.t.Errorf("channeltest: %s: Do: %v", c.Wire.name, err)
			return
		}
		f(ch)
	})
	c.loop.Settle()
}

// Unread returns how many bytes wait for the channel to read them.
func (c *Conn) Unread() int {
	n := 0
	for _, in := range c.inbox {
		n += len(in.bytes)
		if in.b != nil {
			n += in.b.Len()
		}
	}
	return n
}

// Told tells whether Sink.Closed was called, and with which cause.
func (c *Conn) Told() (cause error, closed bool) { return c.watch.cause, c.watch.closed > 0 }

// has tells whether n bytes, or the end of the stream, wait for the channel.
func (c *Conn) has(n int) bool {
	for _, in := range c.inbox {
		if in.eof {
			return true
		}
	}
	return c.Unread() >= n
}

func (c *Conn) hasInput() bool {
	return len(c.inbox) > 0 && (c.Wire.closed || c.Wire.reading)
}

// deliver is what an engine does when the socket is readable.
func (c *Conn) deliver() {
	if c.Wire.closed {
		c.dropInput()
		return
	}
	if !c.hasInput() {
		return
	}
	switch in := &c.inbox[0]; {
	case in.eof:
		c.inbox = c.inbox[1:]
		c.ReceivedEOF()
		return
	case in.b != nil:
		b := in.b
		c.inbox = c.inbox[1:]
		c.Received(b)
	default:
		room := c.Room()
		if room == nil {
			return
		}
		n := copy(room, in.bytes)
		if in.bytes = in.bytes[n:]; in.bytes == "" {
			c.inbox = c.inbox[1:]
		}
		c.Input(n)
		return
	}
	c.ReceivedEnd()
}

// dropInput is what a kernel does when the socket is closed.
func (c *Conn) dropInput() {
	for _, in := range c.inbox {
		if in.b != nil {
			in.b.Release()
		}
	}
	c.inbox = nil
}
