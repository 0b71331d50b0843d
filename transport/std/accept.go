package std

import (
	"errors"
	"net"
	"time"
)

const (
	minDelay   = 5 * time.Millisecond // after a failure
	maxDelay   = time.Second
	maxBacklog = 4096 // that a stopping listener accepts
)

// accept is the listener's goroutine.
func (ln *listener) accept() {
	defer close(ln.ended)
	delay := time.Duration(0)
	for ln.waitRoom() {
		nc, err := ln.ln.Accept()
		select {
		case <-ln.stop:
			if err == nil {
				ln.place(nc)
			}
			ln.backlog()
			return
		default:
		}
		if err == nil {
			delay = 0
			ln.place(nc)
			continue
		}
		// EMFILE and the like: nothing gets better by trying at once. Nor does a listener that somebody else has closed.
		delay = min(max(2*delay, minDelay), maxDelay)
		if errors.Is(err, net.ErrClosed) {
			delay = maxDelay
		}
		ln.group.config.Logger.Warn("ropewalk: accept failed", "addr", ln.Addr().String(), "error", err, "retry_in", delay)
		select {
		case <-ln.stop:
			return
		case <-time.After(delay):
		}
	}
}

// backlog accepts what the system has completed, when the listener stops.
func (ln *listener) backlog() {
	d, ok := ln.ln.(deadliner)
	if !ok {
		return
	}
	for range maxBacklog {
		if ln.owner.Conns.Load() >= int64(ln.config.MaxConns) || !hasConnection(ln.ln) || d.SetDeadline(time.Now().Add(time.Second)) != nil {
			return
		}
		nc, err := ln.ln.Accept()
		if err != nil {
			return
		}
		ln.place(nc)
	}
}

// waitRoom waits until there are fewer connections than MaxConns, and returns false if the listener is to stop.
func (ln *listener) waitRoom() bool {
	for ln.owner.Conns.Load() >= int64(ln.config.MaxConns) {
		select {
		case <-ln.room:
		case <-ln.stop:
			return false
		}
	}
	return true
}

// freeRoom is called when a connection is gone.
func (ln *listener) freeRoom() {
	select {
	case ln.room <- struct{}{}:
	default:
	}
}

// place gives a connection to a loop.
func (ln *listener) place(nc net.Conn) {
	ln.owner.Conns.Add(1)
	setOptions(nc, ln.config.Socket, ln.group.engine.Listen != nil)
	ln.group.loops.LeastLoaded().start(nc, &ln.owner, opening{accept: ln.config.Accept, options: ln.config.Options})
}
