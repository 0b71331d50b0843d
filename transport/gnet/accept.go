package gnet

import (
	"net"
	"time"
)

const (
	maxBacklog = 4096 // that a stopping listener accepts
	minDelay   = 5 * time.Millisecond
	maxDelay   = time.Second
)

// acceptor is a listening socket, and the goroutine that accepts from it.
type acceptor struct {
	listener *listener
	ln       net.Listener
	loop     *running // that connections go to; nil for the one that has the fewest
	err      error    // of closing it
	done     chan struct{}
}

// run accepts until the listener is closed.
func (a *acceptor) run() {
	defer close(a.done)
	delay := time.Duration(0)
	for a.listener.waitForRoom() {
		nc, err := a.ln.Accept()
		if err == nil {
			delay = 0
			a.place(nc)
			continue
		}
		select {
		case <-a.listener.closing:
			continue
		default:
		}
		// EMFILE, ENFILE, ENOBUFS, ENOMEM: nothing gets better by trying at once.
		delay = min(max(2*delay, minDelay), maxDelay)
		a.warn("accept failed", err, "retry_in", delay)
		select {
		case <-a.listener.closing:
		case <-time.After(delay):
		}
	}
	a.rest()
	a.err = a.ln.Close()
}

// warn tells the log what is wrong.
func (a *acceptor) warn(what string, err error, more ...any) {
	args := append([]any{"addr", a.ln.Addr().String(), "error", err}, more...)
	a.listener.group.config.Logger.Warn("ropewalk: "+what, args...)
}

// interrupt ends a call of Accept.
func (a *acceptor) interrupt() { a.deadline(time.Now()) }

func (a *acceptor) deadline(t time.Time) {
	if d, ok := a.ln.(interface{ SetDeadline(time.Time) error }); ok {
		d.SetDeadline(t)
	}
}

// rest accepts what the system had completed before the listener was closed.
func (a *acceptor) rest() {
	for range maxBacklog {
		if !pending(a.ln) || a.listener.owner.Conns.Load() >= int64(a.listener.config.MaxConns) {
			return
		}
		a.deadline(time.Now().Add(time.Second)) // it is there, and taken at once, unless it has gone meanwhile
		nc, err := a.ln.Accept()
		if err != nil {
			return
		}
		a.place(nc)
	}
}

// place gives a connection to a loop. It does not wait for it.
func (a *acceptor) place(nc net.Conn) {
	ln := a.listener
	g := ln.group
	if !g.begin() {
		nc.Close()
		return
	}
	ln.owner.Conns.Add(1)
	l := a.loop
	if l == nil {
		l = g.leastLoaded()
	} else {
		l.conns.Add(1)
	}
	// Before the next is accepted, or all would wait for a descriptor, and have them all.
	spare(nc, ln.closing, func(err error) { a.warn("accepting waits for a descriptor", err) })
	go func() {
		defer g.entering.Done()
		err := configure(nc, ln.config.Socket)
		if err != nil { // it is gone already
			nc.Close()
			l.conns.Add(-1)
			ln.owner.Gone()
			return
		}
		if err = l.place(nc, &ln.owner, &entry{accept: ln.config.Accept, opts: ln.config.Options}); err != nil && err != errNoSink && err != errPanic {
			a.warn("connection refused", err)
		}
	}()
}
