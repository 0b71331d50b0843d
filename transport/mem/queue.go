package mem

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A queue is where connections wait that were made and not accepted yet.
type queue struct {
	network *Network
	at      endpoint
	theirs  buffers // of the side that accepts
	closed  chan struct{}

	mu      sync.Mutex
	waiting []*link
	backlog int
	dialers []*dialer // that wait for room, one after the other
	told    func()    // called under mu when there is something to accept
	over    bool      // closed is
}

// A dialer waits until there is room in a queue for its connection.
type dialer struct {
	l    *link
	in   bool // it was put into the queue; else it is refused
	done chan struct{}
}

// connect makes a connection from an address of this network and returns it when it is in the listener's queue.
func (n *Network) connect(ctx context.Context, network, address string, ours buffers) (*link, error) {
	to, err := resolve(network, address, false)
	if err != nil {
		return nil, opError("dial", network, nil, err)
	}
	if err = n.roundTrip(ctx); err != nil {
		return nil, opError("dial", network, to.addr(), err)
	}
	q := n.find(to)
	if q == nil {
		return nil, opError("dial", network, to.addr(), refused)
	}
	l := newLink(n, n.from(to), to, ours, q.theirs)
	if err = q.enter(ctx, l); err != nil {
		return nil, opError("dial", network, to.addr(), err)
	}
	return l, nil
}

// roundTrip waits as long as a handshake takes.
func (n *Network) roundTrip(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if n.Latency <= 0 {
		return nil
	}
	t := time.NewTimer(2 * n.Latency)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// enter puts a connection into the queue. While that is full it waits, as one does whose packets are not answered.
func (q *queue) enter(ctx context.Context, l *link) error {
	q.mu.Lock()
	if q.over {
		q.mu.Unlock()
		return refused
	}
	d := &dialer{l: l, done: make(chan struct{})}
	q.dialers = append(q.dialers, d)
	q.admit()
	q.mu.Unlock()
	select {
	case <-d.done:
	default:
		select {
		case <-d.done:
		case <-ctx.Done():
			if q.leave(d) {
				return context.Cause(ctx)
			}
		}
	}
	if !d.in {
		return refused
	}
	return nil
}

// leave takes a dialer out that does not wait any longer, and tells whether it was still waiting.
func (q *queue) leave(d *dialer) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.dialers, d)
	if i >= 0 {
		q.dialers = slices.Delete(q.dialers, i, i+1)
	}
	return i >= 0
}

// admit puts connections of dialers into the queue as long as there is room. The caller holds mu.
func (q *queue) admit() {
	before := len(q.waiting)
	for len(q.dialers) > 0 && len(q.waiting) < q.backlog {
		d := q.dialers[0]
		q.dialers = slices.Delete(q.dialers, 0, 1)
		d.in = true
		q.waiting = append(q.waiting, d.l)
		close(d.done)
	}
	if len(q.waiting) > before && q.told != nil {
		q.told()
	}
}

// next returns the connection that has waited longest, nil if there is none.
func (q *queue) next() *link {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil
	}
	l := q.waiting[0]
	q.waiting[0] = nil
	if q.waiting = q.waiting[1:]; len(q.waiting) == 0 {
		q.waiting = nil
	}
	q.admit()
	return l
}

// tell has f called when there is something to accept, and now if there is.
func (q *queue) tell(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.told = f; len(q.waiting) > 0 {
		f()
	}
}

// resize changes how many connections may wait.
func (q *queue) resize(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.backlog = max(n, 0)
	q.admit()
}

// shut takes no more connections. Those that wait still do.
func (q *queue) shut() {
	q.network.remove(q)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return
	}
	q.over = true
	close(q.closed)
	for _, d := range q.dialers {
		close(d.done)
	}
	q.dialers = nil
}
