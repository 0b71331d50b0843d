package channel_test

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// What many peers are slow to take keeps as much memory in place as it has bytes, and not the blocks that it was read into.
func TestSlowPeersPinNoBlocks(t *testing.T) {
	const conns, reply = 100, 300
	l := channeltest.NewLoop(t)
	for range conns {
		c := l.Open(channeltest.Echo(), channel.Options{})
		c.Stall()
		c.Feed("an earlier reply")
		c.Unstall()
		c.Stall()
		c.Feed(strings.Repeat("x", reply))
		// Somebody else's input fills the rest of the block.
		for range 4 {
			l.Received(strings.Repeat("y", 16<<10)).Release()
		}
	}
	if live := l.Pool.Stats().Live; live > conns*2*reply+2*64<<10 {
		t.Errorf("%d bytes are in use for %d queued", live, conns*reply)
	}
}

// What is written behind a rest that was copied is copied in its turn, a rest that is taken piece by piece is not.
func TestCompactOnce(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(channeltest.Echo(), channel.Options{})
	c.Wire.Add(channeltest.Take(10), channeltest.Again())
	c.Feed(strings.Repeat("a", 100))
	for range 3 { // the rest is one piece, and stays so
		c.Wire.Add(channeltest.Take(10), channeltest.Again())
		c.Unstall()
	}
	c.Feed("b")
	c.Feed("c")
	c.Wire.Add(channeltest.Take(1000))
	c.Unstall()
	writes := c.Wire.Writes()
	if last := writes[len(writes)-1]; last.Pieces != 1 || last.Bytes != 62 {
		t.Errorf("the rest left as %d pieces of %d bytes", last.Pieces, last.Bytes)
	}
	if got, want := c.Wire.Sent(), strings.Repeat("a", 100)+"bc"; got != want {
		t.Errorf("sent %q", got)
	}
}

// At the pool's limit a rest stays where it is, and is sent.
func TestCompactAtTheLimit(t *testing.T) {
	l, w := crowd(t)
	c := l.Open(channeltest.Echo(), channel.Options{})
	c.Stall()
	b := l.Received("hello")
	w.fill(short)
	w.crumbs()
	c.Received(b)
	c.ReceivedEnd()
	l.Settle()
	c.Unstall()
	if c.Wire.Sent() != "hello" || c.Closing() {
		t.Errorf("sent %q, cause %v", c.Wire.Sent(), c.Cause())
	}
}
