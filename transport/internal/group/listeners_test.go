package group

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
)

// All who close wait for all listeners, and one of them goes on to end the loops.
func TestCloseTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Listeners[*fake]
		one, two := newFake(&s), newFake(&s)
		two.err = errOdd
		type result struct {
			first bool
			err   error
		}
		results := make(chan result, 3)
		for range cap(results) {
			go func() {
				first, err := s.Close()
				results <- result{first, err}
			}()
		}
		for _, ln := range []*fake{one, two} {
			synctest.Wait()
			if len(results) > 0 {
				t.Fatalf("Close has returned while listeners are open: %v", <-results)
			}
			if s.Add(ln) {
				t.Error("a closed group takes a listener")
			}
			close(ln.hold)
		}
		firsts, failed := 0, 0
		for range cap(results) {
			r := <-results
			if r.first {
				firsts++
			}
			if r.err != nil {
				failed++
			}
		}
		if firsts != 1 || failed != 1 {
			t.Errorf("%d were the first, and %d got the error, want 1 and 1", firsts, failed)
		}
		if left := s.list(); len(left) != 0 {
			t.Errorf("%d listeners are left", len(left))
		}
	})
}

// Who closes while a listener is being closed by somebody else waits for it: it is in until it has stopped.
func TestCloseWaitsForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Listeners[*fake]
		ln := newFake(&s)
		go ln.Close()
		synctest.Wait()
		done := make(chan struct{})
		go func() {
			s.Close()
			close(done)
		}()
		synctest.Wait()
		select {
		case <-done:
			t.Error("Close has returned while a listener is open")
		default:
		}
		close(ln.hold)
		<-done
	})
}

func TestDrainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Listeners[*fake]
		begun := make(chan struct{})
		goOn := make(chan struct{})
		drain := func(context.Context) { begun <- struct{}{}; <-goOn }
		for range 3 {
			newFake(&s).drain = drain
		}
		newFake(&s).err = errOdd
		done := make(chan error, 1)
		go func() {
			done <- s.Drain(t.Context(), func(ctx context.Context) error { drain(ctx); return net.ErrClosed })
		}()
		for range 4 { // one after the other this would be a deadlock
			<-begun
		}
		close(goOn)
		if err := <-done; !errors.Is(err, errOdd) || !errors.Is(err, net.ErrClosed) {
			t.Errorf("Drain: %v, want both errors", err)
		}
	})
}

func TestRemove(t *testing.T) {
	var s Listeners[*fake]
	one, two, three := newFake(&s), newFake(&s), newFake(&s)
	s.Remove(two)
	s.Remove(two)
	if got := s.list(); len(got) != 2 || got[0] != one || got[1] != three {
		t.Errorf("%v are in, want %v and %v", got, one, three)
	}
}

func TestOpError(t *testing.T) {
	op := &net.OpError{Op: "listen", Net: "tcp", Err: errOdd}
	for _, c := range []struct {
		err  error
		want string
	}{
		{errOdd, "fake: dial tcp :80: odd"},
		{op, "fake: listen tcp: odd"},
	} {
		err := OpError("fake", "dial", "tcp", ":80", c.err)
		if err.Error() != c.want || !errors.Is(err, errOdd) || strings.Count(err.Error(), "tcp") != 1 {
			t.Errorf("%q, want %q", err, c.want)
		}
	}
}
