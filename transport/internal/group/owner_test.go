package group

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func newOwner(conns int64) *Owner {
	o := new(Owner)
	o.Init()
	o.Conns.Add(conns)
	return o
}

func TestDrainOfNone(t *testing.T) {
	o, begun := newOwner(0), 0
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errOdd) // no reason to fail: there is nothing left
	if err := o.Drain(ended, "fake", func() { begun++ }, func() { t.Error("aborted") }); err != nil || begun != 1 {
		t.Errorf("error %v, and begun %d times", err, begun)
	}
	if !o.Draining() || o.Aborting() {
		t.Errorf("Draining is %v and Aborting %v, want only the first", o.Draining(), o.Aborting())
	}
}

func TestDrainWaitsForTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwner(2)
		freed := 0
		o.Freed = func() { freed++ }
		done := make(chan error, 1)
		go func() { done <- o.Drain(t.Context(), "fake", func() {}, func() { t.Error("aborted") }) }()
		for left := 2; left > 0; left-- {
			synctest.Wait()
			select {
			case <-done:
				t.Fatalf("drained while %d are left", left)
			default:
			}
			o.Gone()
		}
		if err := <-done; err != nil {
			t.Errorf("Drain: %v", err)
		}
		if freed != 2 {
			t.Errorf("Freed was called %d times, want 2", freed)
		}
	})
}

// Those that are left when the context ends are aborted, told of, and waited for.
func TestDrainAborts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwner(5)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errOdd)
		defer cancel()
		aborted := false
		done := make(chan error, 1)
		go func() {
			done <- o.Drain(ctx, "fake", func() { o.Gone(); o.Gone() }, func() {
				if !o.Aborting() {
					t.Error("what comes now would not know")
				}
				aborted = true
			})
		}()
		<-time.After(time.Second)
		synctest.Wait()
		if !aborted {
			t.Error("not aborted when the context has ended")
		}
		select {
		case err := <-done:
			t.Fatalf("Drain does not wait for the aborted: %v", err)
		default:
		}
		for range 3 {
			o.Gone()
		}
		if err := <-done; err == nil || err.Error() != "fake: 3 connections aborted while draining: odd" {
			t.Errorf("Drain: %v", err)
		}
	})
}

// An owner is drained by several goroutines, those of a listener and of its group, while connections go.
func TestDrainRaces(t *testing.T) {
	const conns = 8
	for range 200 {
		o := newOwner(conns)
		ctx, cancel := context.WithCancel(t.Context())
		var gone atomic.Int64
		var wg sync.WaitGroup
		for range conns {
			wg.Go(func() {
				gone.Add(1)
				o.Gone()
			})
		}
		wg.Go(cancel)
		for range 4 {
			wg.Go(func() {
				err := o.Drain(ctx, "fake", func() {}, func() {})
				if n := gone.Load(); n != conns {
					t.Errorf("Drain has returned when %d of %d are gone", n, conns)
				}
				if err != nil && !strings.HasPrefix(err.Error(), "fake: ") {
					t.Errorf("Drain: %v", err)
				}
			})
		}
		wg.Wait()
		if n := o.Conns.Load(); n != 0 {
			t.Fatalf("%d connections are left", n)
		}
	}
}
