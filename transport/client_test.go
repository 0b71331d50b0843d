//go:build linux

package transport

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/channel"
)

// caller is a sink that passes on what it gets.
type caller struct {
	echo
	got chan string
}

func (s *caller) Read(b *buffer.Buf) error {
	s.got <- b.Text(0, b.Len())
	b.Release()
	return nil
}

func TestClient(t *testing.T) {
	r := start(t, &Server{Accept: newEcho})
	client := &Client{Pool: buffertest.Pool(t)}
	if client.Stats().Calls() != 0 {
		t.Error("a client that was not used has called the system")
	}
	s := &caller{got: make(chan string, 10)}
	remote, err := client.Dial(context.Background(), r.Addr().Network(), r.Addr().String(), func(*channel.Channel) channel.Sink { return s })
	if err != nil {
		t.Fatal(err)
	}
	b := client.Pool.Alloc(5)
	b.PutString("hello")
	if err := remote.Write(b); err != nil {
		t.Fatal(err)
	}
	if got := await(t, "the echo", s.got); got != "hello" {
		t.Errorf("got %q", got)
	}
	if client.Stats().Calls() == 0 {
		t.Error("Stats counts no calls")
	}
	if err := client.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
	eventually(t, "the connection to be gone", func() bool { return r.Conns() == 0 })
	if _, err := client.Dial(context.Background(), r.Addr().Network(), r.Addr().String(), newEcho); !errors.Is(err, channel.ErrClosed) {
		t.Errorf("Dial after Close: %v, want ErrClosed", err)
	}
	if err := client.Close(context.Background()); err != nil {
		t.Errorf("Close again: %v", err)
	}
}

func TestClientDialsAtOnce(t *testing.T) {
	r := start(t, &Server{Accept: newEcho})
	client := &Client{Pool: buffertest.Pool(t)}
	t.Cleanup(func() { client.Close(over()) })
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			client.Stats()
			if _, err := client.Dial(context.Background(), r.Addr().Network(), r.Addr().String(), newEcho); err != nil {
				t.Errorf("Dial: %v", err)
			}
		})
	}
	wg.Wait()
	eventually(t, "all connections", func() bool { return r.Conns() == 10 })
}

func TestClientErrors(t *testing.T) {
	r := start(t, &Server{Accept: newEcho})
	addr := r.Addr().String()
	r.Shutdown(context.Background())
	for _, timeout := range []time.Duration{0, -1, time.Minute} {
		client := &Client{Pool: buffertest.Pool(t), Timeout: timeout}
		if _, err := client.Dial(context.Background(), "tcp", addr, newEcho); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("Dial: %v, want ECONNREFUSED", err)
		}
		if _, err := client.Dial(over(), "tcp", addr, newEcho); !errors.Is(err, context.Canceled) {
			t.Errorf("Dial: %v, want Canceled", err)
		}
		if err := client.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	short := &Client{Pool: buffertest.Pool(t), Timeout: time.Nanosecond}
	if _, err := short.Dial(context.Background(), "tcp", addr, newEcho); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Dial: %v, want DeadlineExceeded", err)
	}
	short.Close(context.Background())
}

func TestClientClosedFirst(t *testing.T) {
	client := new(Client)
	if err := client.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := client.Dial(context.Background(), "tcp", "127.0.0.1:1", newEcho); !errors.Is(err, channel.ErrClosed) {
		t.Errorf("Dial: %v, want ErrClosed", err)
	}
}
