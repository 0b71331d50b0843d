//go:build linux

package transport

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// What a server is told about its loops and sockets reaches the engine.
func TestServerFeatures(t *testing.T) {
	r := start(t, &Server{
		Accept: newEcho, Loops: 1, Spin: time.Microsecond, PinLoops: true, ReusePort: true, Steer: true,
		Socket: engine.SocketOptions{NotSentLowat: 32 << 10, UserTimeout: time.Minute},
	})
	for range 3 {
		ping(t, connect(t, r.Addr()))
	}
	s, err := r.SampleTCP(context.Background(), 0)
	if err != nil || s.Conns != 3 || s.Timed != 3 {
		t.Errorf("SampleTCP: %+v, %v, want 3 connections", s, err)
	}
	_, err = (&Server{Accept: newEcho, Addr: "127.0.0.1:0", Steer: true, Loops: 1}).Start(context.Background())
	if err == nil || !strings.Contains(err.Error(), "ReusePort") {
		t.Errorf("Steer alone: %v", err)
	}
}

// The settings of a client reach the engine too.
func TestClientFeatures(t *testing.T) {
	r := start(t, &Server{Accept: newEcho})
	c := &Client{Spin: time.Microsecond, PinLoops: true, Socket: engine.SocketOptions{TypeOfService: 999}}
	defer c.Close(context.Background())
	if _, err := c.Dial(context.Background(), "tcp", r.Addr().String(), newEcho); err == nil || !strings.Contains(err.Error(), "TypeOfService") {
		t.Errorf("Dial: %v, want an error about TypeOfService", err)
	}
}

// bare is a group that cannot tell how its connections fare.
type bare struct{ engine.Group }

func (bare) Listen(context.Context, engine.ListenConfig) (engine.Listener, error) {
	return bareListener{}, nil
}

type bareListener struct{ engine.Listener }

func (bareListener) Addr() net.Addr { return &net.UnixAddr{Name: "@", Net: "unix"} }

// An engine that does not know TCP_INFO says so.
func TestSampleUnsupported(t *testing.T) {
	r, err := (&Server{Accept: func(*channel.Channel) channel.Sink { return nil }, Group: bare{}}).Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.SampleTCP(context.Background(), 1); !errors.Is(err, engine.ErrUnsupported) {
		t.Errorf("SampleTCP: %v, want ErrUnsupported", err)
	}
}
