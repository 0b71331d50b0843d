//go:build linux

package socket_test

import (
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// stand makes the loop stand still with its queue of calls full, and returns what lets it go on.
func stand(t *testing.T, l *socket.Loop) (goOn func()) {
	t.Helper()
	standing, release := make(chan struct{}), make(chan struct{})
	l.Do(func(error) {
		close(standing)
		<-release
	})
	sockettest.Await(t, "the loop to stand", standing)
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
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		goOn := stand(t, g.Loop)
		defer goOn()
		ran := make(chan error, 2)
		g.Loop.Insist(func(err error) {
			g.Loop.Touch()
			ran <- err
		})
		select {
		case <-ran:
			t.Fatal("the call was made while the loop stands still")
		default:
		}
		goOn()
		if err := sockettest.Await(t, "the call", ran); err != nil {
			t.Errorf("the call got %v", err)
		}
	})
}

// A listener that is closed, and a connection that goes, are not forgotten either.
func TestCloseWhenQueueIsFull(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
		s := sockettest.NewSink()
		connect(s)
		goOn := stand(t, g.Loop)
		defer goOn()
		done := make(chan error, 1)
		go func() { done <- g.Close() }()
		goOn()
		if err := sockettest.Await(t, "Close", done); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := sockettest.Await(t, "Closed", s.Gone); err != channel.ErrShutdown {
			t.Errorf("cause %v, want ErrShutdown", err)
		}
	})
}
