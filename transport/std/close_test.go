package std

import (
	"context"
	"net"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// slowClose is a listener whose Close takes until it is released.
type slowClose struct {
	*pipes
	closing chan struct{} // gets a token when Close is called
	release chan struct{}
}

func (s *slowClose) Close() error {
	select {
	case s.closing <- struct{}{}:
	default:
	}
	<-s.release
	return s.pipes.Close()
}

// While a listener is being closed for who closed the group first, nobody else ends the loops.
func TestCloseTwiceKeepsLoops(t *testing.T) {
	s := &slowClose{pipes: newPipes(), closing: make(chan struct{}, 1), release: make(chan struct{})}
	g, _ := startGroup(t, Engine{Listen: func(context.Context, string, string) (net.Listener, error) { return s, nil }})
	if _, err := g.Listen(context.Background(), engine.ListenConfig{
		Network: "pipe", Options: channel.Options{}.Prepare(), MaxConns: 10, Accept: func(*channel.Channel) channel.Sink { return newEcho() },
	}); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 2)
	go func() { closed <- g.Close() }()
	<-s.closing
	begun := make(chan struct{})
	go func() { close(begun); closed <- g.Close() }()
	<-begun
	for i := range 1000 {
		ran := make(chan error, 1)
		g.loops[0].Do(func(err error) { ran <- err })
		if err := <-ran; err != nil {
			t.Errorf("call %d of the loop: %v", i, err)
			break
		}
	}
	select {
	case err := <-closed:
		t.Errorf("Close has returned while the listener is open, with error %v", err)
		closed <- err
	default:
	}
	close(s.release)
	for range 2 {
		if err := <-closed; err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}
