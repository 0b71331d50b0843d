//go:build linux

package transport

import (
	"context"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
)

// Servers and clients can share loops. Those that were given a group do not end it.
func TestSharedGroup(t *testing.T) {
	owner := start(t, &Server{Accept: newEcho, Loops: 2})
	accepted := make(chan struct{}, 2)
	guest := start(t, &Server{Group: owner.Group(), Accept: func(ch *channel.Channel) channel.Sink {
		accepted <- struct{}{}
		return newEcho(ch)
	}})
	if owner.Group() != guest.Group() {
		t.Fatal("the group is not shared")
	}
	client := &Client{Group: owner.Group()}
	for i, loop := range owner.Group().Loops() {
		on := make(chan *channel.Loop, 1)
		if _, err := client.DialOn(context.Background(), loop, guest.Addr().Network(), guest.Addr().String(), func(ch *channel.Channel) channel.Sink {
			on <- ch.Loop()
			return newEcho(ch)
		}); err != nil {
			t.Fatalf("DialOn: %v", err)
		}
		if <-on != loop {
			t.Errorf("the channel is not on loop %d", i)
		}
	}
	<-accepted // the kernel connects before the guest accepts
	<-accepted
	if n := guest.Conns(); n != 2 {
		t.Errorf("the guest has %d connections, want 2", n)
	}
	if err := client.Close(context.Background()); err != nil {
		t.Errorf("Client.Close: %v", err)
	}
	if n := guest.Conns(); n != 2 {
		t.Errorf("closing a client with a shared group has closed its channels")
	}
	guest.Shutdown(over())
	if n := guest.Conns(); n != 0 {
		t.Errorf("the guest has %d connections after Shutdown", n)
	}
	c := connect(t, owner.Addr())
	ping(t, c)
}
