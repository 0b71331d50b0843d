package mem_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/transport/mem"
)

// pair returns both sides of a plain connection.
func pair(t testing.TB, n *mem.Network) (a, b *mem.Conn) {
	t.Helper()
	ln, err := n.Listen("mem", "")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	a = dialPlain(t, n, ln.Addr())
	c, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return a, c.(*mem.Conn)
}

// wantErr fails unless err is target, in an error of package net.
func wantErr(t testing.TB, what string, err, target error) {
	t.Helper()
	var op *net.OpError
	if !errors.Is(err, target) || target != io.EOF && !errors.As(err, &op) {
		t.Errorf("%s: %v (%T), want %v in a *net.OpError", what, err, err, target)
	}
}

func TestPlainPair(t *testing.T) {
	one := make([]byte, 1)
	read := func(c net.Conn) error { _, err := c.Read(one); return err }
	write := func(c net.Conn) error { _, err := c.Write(one); return err }
	for _, c := range []struct {
		name string
		run  func(t *testing.T, a, b *mem.Conn)
	}{
		{"half close", func(t *testing.T, a, b *mem.Conn) {
			send(t, a, "question")
			a.CloseWrite()
			wantErr(t, "Write behind the end", write(a), syscall.EPIPE)
			want(t, b, "question")
			wantErr(t, "Read", read(b), io.EOF)
			wantErr(t, "Read again", read(b), io.EOF)
			send(t, b, "answer")
			b.Close()
			want(t, a, "answer")
			wantErr(t, "Read", read(a), io.EOF)
		}},
		{"close with everything read", func(t *testing.T, a, b *mem.Conn) {
			send(t, a, "x")
			want(t, b, "x")
			b.Close()
			wantErr(t, "Read", read(a), io.EOF)
			if err := write(a); err != nil {
				t.Errorf("the first Write to who has closed: %v", err)
			}
			wantErr(t, "the next Write", write(a), syscall.ECONNRESET)
			wantErr(t, "Read", read(a), syscall.ECONNRESET)
		}},
		{"close with input unread", func(t *testing.T, a, b *mem.Conn) {
			send(t, a, "x")
			b.Close()
			wantErr(t, "Read", read(a), syscall.ECONNRESET)
			wantErr(t, "Write", write(a), syscall.ECONNRESET)
		}},
		{"reset", func(t *testing.T, a, b *mem.Conn) {
			send(t, a, "lost")
			a.Reset()
			wantErr(t, "Read", read(b), syscall.ECONNRESET)
			wantErr(t, "CloseWrite", b.CloseWrite(), syscall.ENOTCONN)
		}},
		{"linger", func(t *testing.T, a, b *mem.Conn) {
			a.SetLinger(0)
			a.SetLinger(-1)
			a.Close()
			wantErr(t, "Read", read(b), io.EOF)
		}},
		{"closed", func(t *testing.T, a, _ *mem.Conn) {
			a.Close()
			wantErr(t, "Read", read(a), net.ErrClosed)
			wantErr(t, "Write", write(a), net.ErrClosed)
			wantErr(t, "CloseWrite", a.CloseWrite(), net.ErrClosed)
			wantErr(t, "Close", a.Close(), net.ErrClosed)
			wantErr(t, "SetDeadline", a.SetDeadline(time.Now()), net.ErrClosed)
		}},
		{"close ends a Read", func(t *testing.T, a, _ *mem.Conn) {
			time.AfterFunc(time.Second, func() { a.Close() })
			wantErr(t, "Read", read(a), net.ErrClosed)
		}},
		{"close ends a Write", func(t *testing.T, a, _ *mem.Conn) {
			time.AfterFunc(time.Second, func() { a.Close() })
			n, err := a.Write(make([]byte, 1<<20))
			wantErr(t, "Write", err, net.ErrClosed)
			if n != 2*64<<10 {
				t.Errorf("%d bytes were taken, want both buffers full", n)
			}
		}},
		{"nothing", func(t *testing.T, a, b *mem.Conn) {
			if n, err := a.Read(nil); n != 0 || err != nil {
				t.Errorf("Read of nothing: %d, %v", n, err)
			}
			if n, err := a.Write(nil); n != 0 || err != nil {
				t.Errorf("Write of nothing: %d, %v", n, err)
			}
		}},
		{"several readers and writers", func(t *testing.T, a, b *mem.Conn) {
			const each = 10_000
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() { a.Write([]byte(strings.Repeat("x", each))) })
			}
			for range 4 {
				wg.Go(func() { io.ReadFull(b, make([]byte, each)) })
			}
			wg.Wait()
			b.SetReadDeadline(time.Now())
			if err := read(b); err == nil {
				t.Error("there is more than was written")
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := pair(t, new(mem.Network))
				c.run(t, a, b)
			})
		})
	}
}
