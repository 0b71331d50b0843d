package std

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// Options that package net cannot set are refused, by Listen and by Dial.
func TestOptionsRefused(t *testing.T) {
	g, err := Engine{}.Start(engine.Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for _, o := range []engine.SocketOptions{
		{UserTimeout: time.Second}, {NotSentLowat: 1}, {DeferAccept: time.Second}, {FastOpen: 1}, {TypeOfService: 1},
		{Priority: 1}, {BusyPoll: time.Millisecond}, {Descriptors: 1}, {ZeroCopy: true},
	} {
		if _, err := g.Listen(context.Background(), engine.ListenConfig{Network: "tcp", Addr: "127.0.0.1:0", Socket: o}); !errors.Is(err, engine.ErrUnsupported) {
			t.Errorf("Listen with %+v: %v", o, err)
		}
		if _, err := g.Dial(context.Background(), engine.DialConfig{Network: "tcp", Addr: "127.0.0.1:1", Socket: o}); !errors.Is(err, engine.ErrUnsupported) {
			t.Errorf("Dial with %+v: %v", o, err)
		}
	}
}
