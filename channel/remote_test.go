package channel_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// Writes of other goroutines arrive, each goroutine's in the order of its calls.
func TestRemoteWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := channeltest.NewLoop(t)
		c := l.Open(new(channeltest.Sink), channel.Options{})
		r := c.Remote()
		const writers, each = 4, 500
		for w := range writers {
			go func() {
				for i := range each {
					b := l.Pool.Alloc(16)
					fmt.Fprintf(b, "%d:%d\n", w, i)
					if err := r.Write(b); err != nil {
						t.Error(err)
					}
				}
			}()
		}
		want := 0
		for w := range writers {
			for i := range each {
				want += len(fmt.Sprintf("%d:%d\n", w, i))
			}
		}
		for c.Wire.Total() < int64(want) {
			l.Wait()
		}
		var next [writers]int
		for line := range strings.Lines(c.Wire.Sent()) {
			var w, i int
			fmt.Sscanf(line, "%d:%d\n", &w, &i)
			if next[w] != i {
				t.Fatalf("writer %d: message %d came when %d was due", w, i, next[w])
			}
			next[w]++
		}
	})
}

// Calls of one goroutine are run in order, whatever they are.
func TestRemoteOrder(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{Linger: -1})
	r := c.Remote()
	r.Write(l.Buf("a"))
	r.Do(func(ch *channel.Channel, err error) {
		if ch != &c.Channel || err != nil {
			t.Errorf("Do: %v, %v", ch, err)
		}
		ch.Write(l.Buf("b"))
	})
	r.Write(l.Buf("c"))
	r.Close(errTest)
	r.Write(l.Buf("d"))
	if c.Queued() != 0 {
		t.Error("a call was run at once")
	}
	l.Settle()
	if got := c.Wire.Sent(); got != "abc" {
		t.Errorf("sent %q", got)
	}
	told(t, c, errTest, "read", "pause", "close write", "close")
}

// A Remote of a channel that is gone answers ErrClosed, also when its place was taken by another channel.
func TestRemoteStale(t *testing.T) {
	l := channeltest.NewLoop(t)
	first := l.Open(new(channeltest.Sink), channel.Options{})
	stale := first.Remote()
	if stale != first.Remote() {
		t.Error("two Remotes of one channel differ")
	}
	first.Abort(nil)
	l.Settle()

	second := l.Open(new(channeltest.Sink), channel.Options{})
	fresh := second.Remote()
	if stale == fresh {
		t.Error("the Remotes of two channels are the same")
	}
	ran := 0
	for _, r := range []channel.Remote{stale, {}} {
		r.Do(func(ch *channel.Channel, err error) {
			ran++
			if ch != nil || err != channel.ErrClosed {
				t.Errorf("Do: %v, %v", ch, err)
			}
		})
		r.Write(l.Buf("dropped"))
		r.Close(errTest)
	}
	l.Settle()
	if ran != 2 {
		t.Errorf("%d callbacks of 2 ran", ran)
	}
	if second.Closing() || second.Wire.Total() != 0 {
		t.Error("the new channel got a call for the old one")
	}
	if err := (channel.Remote{}).Write(l.Buf("x")); err != channel.ErrClosed {
		t.Error("a write to no channel:", err)
	}
	if err := (channel.Remote{}).Close(nil); err != channel.ErrClosed {
		t.Error("a close of no channel:", err)
	}
}
