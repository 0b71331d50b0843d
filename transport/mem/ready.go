package mem

import (
	"slices"
	"sync"
	"time"
)

// A readyList has the connections of a loop that something has happened to, in the order in which it did, and those to
// which something will, by time. Everybody adds to it, the loop takes.
type readyList struct {
	wake func()

	mu       sync.Mutex
	first    *conn
	last     *conn
	expected []expected // by time; those of the same time in the order in which they were added
	asleep   bool

	serving *conn // what the loop has taken and not served yet; belongs to the loop
}

// expected is when something will happen to a connection.
type expected struct {
	at time.Duration
	c  *conn
}

// inList is the part of a connection that a readyList keeps.
type inList struct {
	next   *conn
	listed bool
	waited bool          // the connection is expected to have something ...
	at     time.Duration // ... at this time, or sooner
}

// add puts a connection into the list, unless it is there.
func (r *readyList) add(c *conn) {
	r.mu.Lock()
	r.enlist(c)
	r.rouse()
	r.mu.Unlock()
}

// enlist is add. The caller holds mu.
func (r *readyList) enlist(c *conn) {
	if c.inList.listed {
		return
	}
	c.inList.listed = true
	if r.last == nil {
		r.first = c
	} else {
		r.last.inList.next = c
	}
	r.last = c
}

// rouse ends the loop's wait. The caller holds mu.
func (r *readyList) rouse() {
	if r.asleep {
		r.asleep = false
		r.wake()
	}
}

// expect puts a connection into the list when its time has come.
func (r *readyList) expect(c *conn, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.inList.waited && c.inList.at <= at {
		return
	}
	c.inList.waited, c.inList.at = true, at
	i := len(r.expected)
	for ; i > 0 && r.expected[i-1].at > at; i-- {
	}
	r.expected = slices.Insert(r.expected, i, expected{at, c})
	if i == 0 {
		r.rouse()
	}
}

// collect takes what is in the list. If there is nothing, and the loop may wait for a time, negative for ever, it tells that
// it shall sleep, and how long at most: until something is expected.
func (r *readyList) collect(d time.Duration) (time.Duration, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asleep = false
	if len(r.expected) > 0 {
		now := sinceEpoch()
		r.arrive(now)
		if len(r.expected) > 0 {
			if left := r.expected[0].at - now; d < 0 || left < d {
				d = left
			}
		}
	}
	if r.serving == nil {
		r.serving = r.first
		r.first, r.last = nil, nil
	}
	r.asleep = r.serving == nil && d != 0
	return d, r.asleep
}

// arrive puts those into the list whose time has come. The caller holds mu.
func (r *readyList) arrive(now time.Duration) {
	n := 0
	for ; n < len(r.expected) && r.expected[n].at <= now; n++ {
		if e := r.expected[n]; e.c.inList.waited && e.c.inList.at == e.at {
			e.c.inList.waited = false
			r.enlist(e.c)
		}
	}
	r.expected = slices.Delete(r.expected, 0, n)
}

// next returns the next connection to be served in this turn, nil if that was the last.
func (r *readyList) next() *conn {
	c := r.serving
	if c == nil {
		return nil
	}
	r.mu.Lock()
	r.serving, c.inList.next = c.inList.next, nil
	c.inList.listed = false
	r.mu.Unlock()
	return c
}
