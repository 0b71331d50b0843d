//go:build linux

package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// serve runs ListenAndServe and returns the address, what ends it, and its result.
func serve(t *testing.T, s *Server) (net.Addr, context.CancelFunc, <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	s.Network, s.Addr = "unix", filepath.Join(t.TempDir(), "s")
	s.Loops = 1
	s.Accept = newEcho
	log := new(journal)
	s.Logger = log.logger()
	result := make(chan error, 1)
	go func() { result <- s.ListenAndServe(ctx) }()
	eventually(t, "the socket", func() bool {
		select {
		case err := <-result:
			t.Fatalf("ListenAndServe: %v", err)
		default:
		}
		return strings.Contains(log.String(), "listening on ")
	})
	return &net.UnixAddr{Name: s.Addr, Net: "unix"}, cancel, result
}

func TestListenAndServe(t *testing.T) {
	addr, cancel, result := serve(t, new(Server))
	c := connect(t, addr)
	ping(t, c)
	io.WriteString(c, "last")
	cancel()
	got, err := io.ReadAll(c)
	if string(got) != "last" || err != nil {
		t.Errorf("got %q and error %v, want the answer and the end", got, err)
	}
	c.Close()
	if err := await(t, "ListenAndServe", result); err != nil {
		t.Errorf("ListenAndServe: %v, want nil", err)
	}
}

// A peer that does not go is waited for DrainTimeout, and then cut off.
func TestDrainTimeout(t *testing.T) {
	for _, c := range []struct {
		name    string
		timeout time.Duration
		least   time.Duration
	}{
		{"30ms", 30 * time.Millisecond, 30 * time.Millisecond},
		{"none", -1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr, cancel, result := serve(t, &Server{DrainTimeout: c.timeout, Linger: time.Hour})
			peer := connect(t, addr)
			ping(t, peer)
			begin := time.Now()
			cancel()
			if err := await(t, "ListenAndServe", result); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("ListenAndServe: %v, want DeadlineExceeded", err)
			}
			if d := time.Since(begin); d < c.least {
				t.Errorf("waited %v, want %v", d, c.least)
			}
			io.Copy(io.Discard, peer) // which ends
		})
	}
}

// Without connections there is nothing to wait for, whatever the timeout.
func TestNothingToDrain(t *testing.T) {
	for range 20 {
		_, cancel, result := serve(t, &Server{DrainTimeout: -1})
		cancel()
		if err := await(t, "ListenAndServe", result); err != nil {
			t.Fatalf("ListenAndServe: %v, want nil", err)
		}
	}
}
