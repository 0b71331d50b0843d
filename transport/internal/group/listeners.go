package group

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// Listeners are those of a group that are not closed, in the order in which they were made. The zero value is an open group
// without any.
type Listeners[L interface {
	comparable
	engine.Listener
}] struct {
	mu     sync.Mutex
	closed bool
	all    []L
}

// Add enters a listener, and returns false if the group is closed.
func (s *Listeners[L]) Add(ln L) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.all = append(s.all, ln)
	}
	return !s.closed
}

// Remove takes a listener out that has stopped listening. It is not called before that: Close waits for those that are in, or loops
// might end that still listen.
func (s *Listeners[L]) Remove(ln L) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(other L) bool { return other == ln })
}

func (s *Listeners[L]) list() []L {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

// Drain drains all listeners, and does what else is to be done, all at once: they have the same time.
func (s *Listeners[L]) Drain(ctx context.Context, others ...func(context.Context) error) error {
	for _, ln := range s.list() {
		others = append(others, ln.Drain)
	}
	errs := make([]error, len(others))
	var wg sync.WaitGroup
	for i, drain := range others {
		wg.Go(func() { errs[i] = drain(ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Close refuses new listeners, closes those that there are, and tells whether it was called for the first time: who called it then
// goes on to end the loops, and the others wait for that.
func (s *Listeners[L]) Close() (first bool, err error) {
	s.mu.Lock()
	first = !s.closed
	s.closed = true
	s.mu.Unlock()
	var errs []error
	for _, ln := range s.list() {
		errs = append(errs, ln.Close())
	}
	return first, errors.Join(errs...)
}

// OpError returns an error of listening or dialing, with the engine's name in front.
func OpError(engine, op, network, addr string, err error) error {
	if _, ok := errors.AsType[*net.OpError](err); ok { // says all of that itself
		return fmt.Errorf("%s: %w", engine, err)
	}
	return fmt.Errorf("%s: %s %s %s: %w", engine, op, network, addr, err)
}
