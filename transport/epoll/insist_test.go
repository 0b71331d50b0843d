//go:build linux

package epoll

import (
	"net"
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
)

// stand makes the loop stand still with its queue of calls full, and returns what lets it go on.
func stand(t *testing.T, l *loop) (goOn func()) {
	t.Helper()
	standing, release := make(chan struct{}), make(chan struct{})
	l.Do(func(error) {
		close(standing)
		<-release
	})
	await(t, "the loop to stand", standing)
	full := false
	for !full {
		l.Do(func(err error) {
			if err != nil {
				full = true
			}
		})
	}
	return sync.OnceFunc(func() { close(release) })
}

// The engine's own calls are made on the loop, also when others have filled its queue.
func TestInsist(t *testing.T) {
	g := startOne(t)
	l := g.loops[0]
	goOn := stand(t, l)
	defer goOn()
	ran := make(chan error, 2)
	l.insist(func(err error) {
		l.listeners = append(l.listeners, nil)[:0] // the race detector sees whether this is the loop
		ran <- err
	})
	select {
	case <-ran:
		t.Fatal("the call was made while the loop stands still")
	default:
	}
	goOn()
	if err := await(t, "the call", ran); err != nil {
		t.Errorf("the call got %v", err)
	}
}

// A listener that is closed, and a connection that goes, are not forgotten either.
func TestCloseWhenQueueIsFull(t *testing.T) {
	g := startOne(t)
	connect := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{})
	s := newSink()
	connect(s)
	goOn := stand(t, g.loops[0])
	defer goOn()
	done := make(chan error, 1)
	go func() { done <- g.Close() }()
	goOn()
	if err := await(t, "Close", done); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := await(t, "Closed", s.closed); err != channel.ErrShutdown {
		t.Errorf("cause %v, want ErrShutdown", err)
	}
}

// A wake-up that comes when the loop has ended must not be written into a descriptor that is another's by now.
func TestWakeAfterEnd(t *testing.T) {
	g := startOne(t)
	l := g.loops[0]
	number := l.wakes
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0") // takes a number, perhaps the one that was the eventfd's
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	l.wake()
	if l.wakes == number {
		t.Error("the loop still knows the descriptor of its eventfd")
	}
}
