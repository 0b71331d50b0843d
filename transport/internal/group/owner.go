package group

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// An Owner counts the connections of a listener, or those that a group has dialed, and tells when they are gone. Init comes first.
type Owner struct {
	// Conns is the number of connections. Whoever adds one to it calls Gone in the end.
	Conns atomic.Int64
	// Freed, if not nil, is called when a connection is gone. It is set before there are any.
	Freed func()

	draining atomic.Bool
	aborting atomic.Bool
	once     sync.Once
	empty    chan struct{} // closed when draining and the last connection is gone
}

// Init makes the owner ready.
func (o *Owner) Init() { o.empty = make(chan struct{}) }

// Gone is called when a connection is gone.
func (o *Owner) Gone() {
	o.Conns.Add(-1)
	if o.Freed != nil {
		o.Freed()
	}
	o.tell()
}

// tell closes empty if it is time.
func (o *Owner) tell() {
	if o.draining.Load() && o.Conns.Load() == 0 {
		o.once.Do(func() { close(o.empty) })
	}
}

// Draining tells that connections are to be closed in order: nothing new is opened.
func (o *Owner) Draining() bool { return o.draining.Load() }

// Aborting tells that those that are left are being aborted.
func (o *Owner) Aborting() bool { return o.aborting.Load() }

// Drain closes all connections: in order, and those that are left when ctx ends at once. It calls drain, and then perhaps abort, which
// begin that for all connections on their loops, and returns when all are gone. engine is the name for the error.
func (o *Owner) Drain(ctx context.Context, engine string, drain, abort func()) error {
	o.draining.Store(true)
	o.tell()
	drain()
	select {
	case <-o.empty:
	case <-ctx.Done():
	}
	select {
	case <-o.empty: // perhaps both at once
		return nil
	default:
	}
	left := o.Conns.Load()
	o.aborting.Store(true)
	abort()
	<-o.empty
	return fmt.Errorf("%s: %d connections aborted while draining: %w", engine, left, context.Cause(ctx))
}

// Each calls f for connections, on their loop. If f panics, which closes that connection, the others follow in a later turn:
// insist has a function called on the loop, or with an error if the loop has ended.
func Each[C any](these []C, f func(C), insist func(func(error))) {
	at := 0
	defer func() {
		if at < len(these) {
			rest := these[at+1:]
			insist(func(err error) {
				if err == nil {
					Each(rest, f, insist)
				}
			})
		}
	}()
	for ; at < len(these); at++ {
		f(these[at])
	}
}
