package nethttp

import (
	"context"
	"slices"
	"sync"
	"time"
)

// idlePool counts the connections of a Transport, and keeps those that nobody uses.
type idlePool struct {
	perHost, most, conns int
	timeout              time.Duration

	mu      sync.Mutex
	hosts   map[hostKey]*hostConns
	kept    int
	looking bool
}

// A hostKey says which connections are alike. What was to be encrypted must not get one that is not, whatever the port is.
type hostKey struct{ scheme, addr string }

// hostConns is what there is to one host.
type hostConns struct {
	idle    []*link // the one that was used last is at the end
	open    int     // connections, those included that are being made
	waiting []*waiter
}

// A waiter is a request that waits for a connection, or the right to make one.
type waiter struct{ ready chan *link }

// get returns a connection that is kept, waiting for one if there are as many as there may be. Nil without an error is the right
// to make one, which leave gives back.
func (p *idlePool) get(ctx context.Context, key hostKey) (*link, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	p.mu.Lock()
	h := p.hosts[key]
	if h == nil {
		h = new(hostConns)
		p.hosts[key] = h
	}
	if n := len(h.idle); n > 0 {
		l := h.idle[n-1]
		p.remove(h, n-1)
		l.reused = true
		p.mu.Unlock()
		return l, nil
	}
	if p.conns < 0 || h.open < p.conns {
		h.open++
		p.mu.Unlock()
		return nil, nil
	}
	w := &waiter{make(chan *link, 1)}
	h.waiting = append(h.waiting, w)
	p.mu.Unlock()
	select {
	case l := <-w.ready:
		return l, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	i := slices.Index(h.waiting, w)
	if i >= 0 {
		h.waiting = slices.Delete(h.waiting, i, i+1)
	}
	p.mu.Unlock()
	if i < 0 { // it has just got something
		if l := <-w.ready; l != nil {
			p.put(l)
		} else {
			p.leave(key)
		}
	}
	return nil, context.Cause(ctx)
}

// remove takes a connection off the list of a host. The lock is held.
func (p *idlePool) remove(h *hostConns, i int) {
	h.idle = slices.Delete(h.idle, i, i+1)
	p.kept--
}

// put keeps a connection, or gives it to who waits for one. It returns false if there are enough.
func (p *idlePool) put(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.hosts[l.key]
	if h == nil || l.closed {
		return false
	}
	if len(h.waiting) > 0 {
		l.reused = true
		h.next().ready <- l
		return true
	}
	if len(h.idle) >= p.perHost || p.most >= 0 && p.kept >= p.most && !p.evict() {
		return false
	}
	l.since = time.Now()
	h.idle = append(h.idle, l)
	p.kept++
	if !p.looking && p.timeout >= 0 {
		p.looking = true
		time.AfterFunc(p.timeout/4, p.look)
	}
	return true
}

// next returns who waits longest. The lock is held.
func (h *hostConns) next() *waiter {
	w := h.waiting[0]
	h.waiting = slices.Delete(h.waiting, 0, 1)
	return w
}

// evict closes the connection that was kept longest. The lock is held.
func (p *idlePool) evict() bool {
	var oldest *hostConns
	for _, h := range p.hosts {
		if len(h.idle) > 0 && (oldest == nil || h.idle[0].since.Before(oldest.idle[0].since)) {
			oldest = h
		}
	}
	if oldest == nil {
		return false
	}
	l := oldest.idle[0]
	p.remove(oldest, 0)
	l.remote.Close(nil)
	return true
}

// gone forgets a connection that was closed.
func (p *idlePool) gone(l *link) {
	p.mu.Lock()
	l.closed = true
	if h := p.hosts[l.key]; h != nil {
		if i := slices.Index(h.idle, l); i >= 0 {
			p.remove(h, i)
		}
	}
	p.mu.Unlock()
	p.leave(l.key)
}

// leave gives back the right to have a connection.
func (p *idlePool) leave(key hostKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.hosts[key]
	if len(h.waiting) > 0 {
		h.next().ready <- nil
		return
	}
	if h.open--; h.open == 0 && len(h.idle) == 0 {
		delete(p.hosts, key)
	}
}

// look closes the connections that were kept long enough.
func (p *idlePool) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	until := time.Now().Add(-p.timeout)
	for _, h := range p.hosts {
		for len(h.idle) > 0 && !h.idle[0].since.After(until) {
			l := h.idle[0]
			p.remove(h, 0)
			l.remote.Close(nil)
		}
	}
	if p.looking = p.kept > 0; p.looking {
		time.AfterFunc(p.timeout/4, p.look)
	}
}

// drain returns all connections that are kept, and keeps none of them.
func (p *idlePool) drain() (all []*link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.hosts {
		all = append(all, h.idle...)
		h.idle = nil
	}
	p.kept = 0
	return all
}
