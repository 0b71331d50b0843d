package group

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
)

var errOdd = errors.New("odd")

// A fake is an engine.Listener that does what a test tells it to.
type fake struct {
	in    *Listeners[*fake]
	hold  chan struct{} // Close waits for it
	err   error         // of Close and of Drain
	begun atomic.Bool
	ended chan struct{}
	drain func(context.Context)
}

func newFake(in *Listeners[*fake]) *fake {
	f := &fake{in: in, hold: make(chan struct{}), ended: make(chan struct{})}
	in.Add(f)
	return f
}

func (f *fake) Addr() net.Addr { return nil }
func (f *fake) Conns() int     { return 0 }

func (f *fake) Drain(ctx context.Context) error {
	if f.drain != nil {
		f.drain(ctx)
	}
	return f.err
}

// Close is that of an engine, in a way that a bubble can see through.
func (f *fake) Close() error {
	if !f.begun.CompareAndSwap(false, true) {
		<-f.ended
		return nil
	}
	<-f.hold
	f.in.Remove(f)
	close(f.ended)
	return f.err
}
