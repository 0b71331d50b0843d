package mem

import (
	"net"
	"sync"
)

// A Listener accepts connections for ordinary Go code. It is a net.Listener; its methods may be called by any goroutine.
type Listener struct {
	queue *queue
	told  chan struct{} // gets a token when there is something to accept
	once  sync.Once
}

func newListener(q *queue) *Listener {
	ln := &Listener{queue: q, told: make(chan struct{}, 1)}
	q.tell(ln.tell)
	return ln
}

func (ln *Listener) tell() {
	select {
	case ln.told <- struct{}{}:
	default:
	}
}

// Accept implements net.Listener. Connections come in the order in which they were made.
func (ln *Listener) Accept() (net.Conn, error) {
	for !isClosed(ln.queue.closed) {
		if l := ln.queue.next(); l != nil {
			ln.tell() // perhaps there are more, and others who accept
			return newConn(l, accepting), nil
		}
		select {
		case <-ln.told:
		case <-ln.queue.closed:
		}
	}
	return nil, opError("accept", ln.Addr().Network(), ln.Addr(), net.ErrClosed)
}

// SetBacklog changes how many connections may wait to be accepted. With 0 no Dial comes through, as to a host that does not
// answer; those that had to wait go on when it is raised.
func (ln *Listener) SetBacklog(n int) { ln.queue.resize(n) }

// Close implements net.Listener. Connections that were not accepted are reset.
func (ln *Listener) Close() error {
	err := opError("close", ln.Addr().Network(), ln.Addr(), net.ErrClosed)
	ln.once.Do(func() {
		err = nil
		ln.queue.shut()
		for l := ln.queue.next(); l != nil; l = ln.queue.next() {
			l.close(accepting, true)
		}
	})
	return err
}

// Addr implements net.Listener.
func (ln *Listener) Addr() net.Addr { return ln.queue.at.addr() }
