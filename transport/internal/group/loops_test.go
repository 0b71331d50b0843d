package group

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// A track is a loop that a test turns, and its connections.
type track struct {
	loop  *channel.Loop
	conns []*car
}

func (l *track) Base() *channel.Loop { return l.loop }
func (l *track) Load() int64         { return int64(len(l.conns)) }
func (l *track) all() iter.Seq[*car] { return slices.Values(l.conns) }
func (l *track) add(o *Owner, n int) { // connections of an owner, or of none
	for range n {
		l.conns = append(l.conns, &car{owner: o})
		if o != nil {
			o.Conns.Add(1)
		}
	}
}

// A car is a connection that counts what is done to it.
type car struct {
	owner   *Owner
	drained int
	aborted []error
	stays   bool // drain does not end it
	panics  bool // drain panics
	peer    *car // goes with it
}

func (c *car) Owned() *Owner   { return c.owner }
func (c *car) Abort(err error) { c.aborted = append(c.aborted, err); c.end() }

func (c *car) end() {
	if o := c.owner; o != nil {
		c.owner = nil
		o.Gone()
	}
}

func (c *car) drain() {
	c.drained++
	if c.stays {
		return
	}
	c.end()
	if c.peer != nil {
		c.peer.end()
	}
	if c.panics {
		panic("boom")
	}
}

func newTracks(t *testing.T, n int) (all Loops[*track]) {
	for range n {
		l := &track{loop: channeltest.NewLoop(t).Loop}
		all = append(all, l)
	}
	return all
}

func TestFind(t *testing.T) {
	all, other := newTracks(t, 3), newTracks(t, 1)
	if l, err := all.Find(nil); l != nil || err != nil {
		t.Errorf("Find(nil) = %v, %v, want none", l, err)
	}
	for i, base := range all.Bases() {
		if l, err := all.Find(base); l != all[i] || err != nil {
			t.Errorf("loop %d: Find = %v, %v", i, l, err)
		}
	}
	if l, err := all.Find(other[0].loop); l != nil || !errors.Is(err, errForeign) {
		t.Errorf("a loop of others: Find = %v, %v, want %v", l, err, errForeign)
	}
}

func TestLeastLoaded(t *testing.T) {
	all := newTracks(t, 3)
	for i, n := range []int{2, 1, 1} {
		all[i].add(nil, n)
	}
	if got := all.LeastLoaded(); got != all[1] {
		t.Errorf("got loop %d, want the first of those with the fewest", slices.Index(all, got))
	}
}

// Only those of the owner are drained, each once, whichever of them panic or go with others, and what is left is aborted.
func TestDrainConns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := newTracks(t, 2)
		mine, other := newOwner(0), newOwner(0)
		for _, l := range all {
			l.add(mine, 4)
			l.add(other, 1)
			l.conns[0].panics = true
			l.conns[1].peer = l.conns[2]
			l.conns[3].stays = true
		}
		turn := func() {
			for range 2 { // what comes after a panic comes in another one
				synctest.Wait()
				for _, l := range all {
					calls(l.loop.Turn)
				}
			}
			synctest.Wait()
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		done := make(chan error, 1)
		go func() { done <- DrainConns(ctx, "fake", mine, all, (*track).all, (*car).drain) }()
		turn()
		if n := mine.Conns.Load(); n != 2 || len(done) != 0 {
			t.Fatalf("%d connections are left, want 2; Drain has returned: %v", n, len(done) != 0)
		}
		cancel(errOdd)
		turn()
		if err := <-done; !errors.Is(err, errOdd) || !strings.Contains(err.Error(), "2 connections aborted") {
			t.Errorf("error %v, want one that tells of 2 connections and %v", err, errOdd)
		}
		for i, l := range all {
			for j, want := range []int{1, 1, 0, 1, 0} {
				c := l.conns[j]
				if c.drained != want {
					t.Errorf("loop %d: connection %d was drained %d times, want %d", i, j, c.drained, want)
				}
				if stayed := j == 3; stayed != slices.Equal(c.aborted, []error{channel.ErrShutdown}) {
					t.Errorf("loop %d: connection %d was aborted with %v", i, j, c.aborted)
				}
			}
		}
		if n := other.Conns.Load(); n != 2 {
			t.Errorf("another owner has %d connections, want 2", n)
		}
	})
}
