package channel

import (
	"math"
	"time"
)

// MaxTimers bounds the timers of one channel.
const MaxTimers = 4096

// A Timer calls a function on the loop of its channel. It belongs to the loop. When the channel closes, its timers stop.
//
// A timer that is set to a later time, as an idle timeout is by every message, stays where it is in the
// loop's heap and is put in its new place when the earlier time comes: Reset costs a comparison.
type Timer struct {
	when  time.Duration // its place in the heap
	want  time.Duration // when it is due, at or after when
	e     Expirer
	ch    *Channel
	index int32 // in the heap, -1 if it is not there
	count int32 // timers of the channel, in the first of its list
	next  *Timer
	prev  *Timer
}

// An Expirer is told when its timer is due.
type Expirer interface{ Expired() }

type expireFunc func()

func (f expireFunc) Expired() { f() }

// AfterFunc returns a timer that calls f once, after d. It panics with ErrTooManyTimers if the channel has MaxTimers of them;
// a timer counts until the channel is closed, or Stop was called.
func (ch *Channel) AfterFunc(d time.Duration, f func()) *Timer {
	t := new(Timer)
	t.Start(ch, d, expireFunc(f))
	return t
}

// Start makes t, which is zero, a timer of ch that calls e.Expired once, after d, as AfterFunc does. It is for timers that lie
// inside of another struct, which saves two objects for each connection. Methods of a timer that was not started do nothing.
func (t *Timer) Start(ch *Channel, d time.Duration, e Expirer) {
	t.e, t.ch, t.index = e, ch, -1
	t.link(MaxTimers)
	t.Reset(d)
}

// link puts the timer on its channel's list, unless that holds limit timers.
func (t *Timer) link(limit int32) {
	ch := t.ch
	t.count = 1
	if first := ch.timers; first != nil {
		if first.count >= limit {
			panic(ErrTooManyTimers)
		}
		t.count = first.count + 1
		t.next, first.prev = first, t
	}
	ch.timers = t
}

func (t *Timer) unlink() {
	if t.prev == nil && t.ch.timers != t {
		return
	}
	if first := t.ch.timers; first != t {
		first.count--
		t.prev.next = t.next
	} else if t.ch.timers = t.next; t.next != nil {
		t.next.count = t.count - 1
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	t.prev, t.next = nil, nil
}

// Reset makes the timer due after d, whether or not it was due before.
func (t *Timer) Reset(d time.Duration) {
	if t.ch == nil || t.ch.state == gone {
		return
	}
	if t.prev == nil && t.ch.timers != t { // it was stopped
		t.link(MaxTimers)
	}
	l := t.ch.loop
	t.want = l.now + min(max(d, 1), math.MaxInt64-l.now) // never again in the same turn
	switch {
	case t.index < 0:
		t.when = t.want
		l.timers.push(t)
	case t.want < t.when:
		t.when = t.want
		l.timers.up(t.index)
	}
}

// Stop makes the timer not due, until it is Reset.
func (t *Timer) Stop() {
	if t.ch == nil {
		return
	}
	if t.index >= 0 {
		t.ch.loop.timers.remove(t)
	}
	t.unlink()
}

// stopTimers stops all timers of a channel.
func (ch *Channel) stopTimers() {
	for ch.timers != nil {
		ch.timers.Stop()
	}
}

// fire runs the timers that are due.
func (l *Loop) fire() {
	for t := l.timers.first(); t != nil && t.when <= l.now; t = l.timers.first() {
		if t.want > t.when { // it was set to a later time, before which others may be due
			t.when = t.want
			l.timers.down(0)
			continue
		}
		l.timers.remove(t)
		l.current = t.ch
		t.e.Expired()
		t.ch.flush()
		l.leave()
	}
}

// timerHeap is a heap of four children a node, the earliest timer first.
type timerHeap []*Timer

func (h timerHeap) first() *Timer {
	if len(h) == 0 {
		return nil
	}
	return h[0]
}

func (h *timerHeap) push(t *Timer) {
	t.index = int32(len(*h))
	*h = append(*h, t)
	h.up(t.index)
}

func (h *timerHeap) remove(t *Timer) {
	old := *h
	i, last := t.index, int32(len(old)-1)
	h.swap(i, last)
	old[last] = nil
	*h = old[:last]
	if i < last {
		h.down(i)
		h.up(i)
	}
	t.index = -1
}

func (h timerHeap) swap(i, j int32) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h timerHeap) up(i int32) {
	for i > 0 {
		parent := (i - 1) / 4
		if h[parent].when <= h[i].when {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h timerHeap) down(i int32) {
	for n := int32(len(h)); ; {
		least := i
		for c := 4*i + 1; c <= 4*i+4 && c < n; c++ {
			if h[c].when < h[least].when {
				least = c
			}
		}
		if least == i {
			return
		}
		h.swap(i, least)
		i = least
	}
}
