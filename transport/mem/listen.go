package mem

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// listener implements engine.Listener. Its queue is served by the first loop.
type listener struct {
	owner   group.Owner // of the connections
	config  engine.ListenConfig
	group   *engineGroup
	queue   *queue
	socket  *listening
	closing sync.Once
}

// Listen implements engine.Group.
func (g *engineGroup) Listen(ctx context.Context, c engine.ListenConfig) (engine.Listener, error) {
	fail := func(err error) (engine.Listener, error) {
		return nil, group.OpError("mem", "listen", c.Network, c.Addr, err)
	}
	if ctx.Err() != nil {
		return fail(context.Cause(ctx))
	}
	if err := c.Socket.Check(Engine{}.Capabilities()); err != nil {
		return fail(err)
	}
	q, err := g.network.listen(c.Network, c.Addr, buffers{c.Socket.SendBuffer, c.Socket.ReceiveBuffer})
	if err != nil {
		return fail(err)
	}
	ln := &listener{config: c, group: g, queue: q}
	ln.owner.Init()
	ln.owner.Freed = ln.resume
	ln.socket = &listening{listener: ln, l: g.loops[0]}
	if !g.listeners.Add(ln) {
		return nil, errors.Join(group.OpError("mem", "listen", c.Network, c.Addr, net.ErrClosed), ln.Close())
	}
	started := make(chan error, 1)
	ln.socket.l.Do(func(err error) {
		if err == nil {
			ln.socket.start()
		}
		started <- err
	})
	if err := <-started; err != nil {
		return nil, errors.Join(group.OpError("mem", "listen", c.Network, c.Addr, err), ln.Close())
	}
	return ln, nil
}

// Addr implements engine.Listener.
func (ln *listener) Addr() net.Addr { return ln.queue.at.addr() }

// Conns implements engine.Listener.
func (ln *listener) Conns() int { return int(ln.owner.Conns.Load()) }

// Close implements engine.Listener. Connections that were made already are accepted first.
func (ln *listener) Close() error {
	ln.closing.Do(func() {
		ln.queue.shut()
		stopped := make(chan struct{})
		ln.socket.l.insist(func(err error) { // also when the loop has ended
			ln.socket.stop(err, func() { close(stopped) })
		})
		<-stopped
		ln.group.listeners.Remove(ln)
	})
	return nil
}

// Drain implements engine.Listener.
func (ln *listener) Drain(ctx context.Context) error {
	return errors.Join(ln.Close(), ln.group.drain(ctx, &ln.owner))
}

// resume has the queue looked at again that was left because there were too many connections.
func (ln *listener) resume() {
	if ln.socket.full.CompareAndSwap(true, false) {
		ln.socket.tell()
	}
}

// listening is the end of a queue that is on a loop.
type listening struct {
	listener *listener
	l        *loop
	told     atomic.Bool // there is something to accept
	full     atomic.Bool // paused because of MaxConns
}

// start begins to accept. Like all methods here but tell it runs on the loop.
func (s *listening) start() {
	s.l.listening = append(s.l.listening, s)
	s.listener.queue.tell(s.tell)
}

// tell has the loop look at the queue.
func (s *listening) tell() {
	s.told.Store(true)
	s.l.wake()
}

// stop accepts those that wait, as far as MaxConns lets it, resets the others, and calls done. With an error, because the loop has
// ended, it accepts none.
func (s *listening) stop(err error, done func()) {
	ended := false
	defer func() {
		if !ended { // the code that makes sinks has panicked: the others follow in a later turn
			s.l.insist(func(err error) { s.stop(err, done) })
			return
		}
		done()
	}()
	s.l.listening = slices.DeleteFunc(s.l.listening, func(o *listening) bool { return o == s })
	for err == nil && s.accept() {
	}
	for l := s.listener.queue.next(); l != nil; l = s.listener.queue.next() {
		l.close(accepting, true)
	}
	ended = true
}

const maxAccepts = 64 // a turn

// accept takes connections that wait, and tells whether there may be more.
func (s *listening) accept() bool {
	ln := s.listener
	more := true // also when the code that makes a sink panics
	defer func() {
		if more {
			s.tell()
		}
	}()
	for range maxAccepts {
		if ln.owner.Conns.Load() >= int64(ln.config.MaxConns) {
			s.full.Store(true)
			if ln.owner.Conns.Load() < int64(ln.config.MaxConns) { // one went meanwhile
				ln.resume()
			}
			more = false
			return false
		}
		link := ln.queue.next()
		if link == nil {
			more = false
			return false
		}
		ln.owner.Conns.Add(1)
		s.place(link)
	}
	return true
}

// place gives a connection to the loop with the fewest.
func (s *listening) place(link *link) {
	ln := s.listener
	c := &conn{owner: &ln.owner, link: link, me: accepting, slot: -1}
	l := ln.group.loops.LeastLoaded()
	if l == s.l {
		l.add(c, ln.config.Accept, ln.config.Options)
		return
	}
	l.load.Add(1) // counts at once, so that a burst is spread
	l.Do(func(err error) {
		l.load.Add(-1)
		if err != nil {
			c.discard()
			return
		}
		l.add(c, ln.config.Accept, ln.config.Options)
	})
}
