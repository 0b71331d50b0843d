//go:build linux

package epoll

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// exhaust takes all memory of the group's pool, and returns what gives it back.
func (g *group) exhaust() (free func()) {
	var held []*buffer.Buf
	for n := 32 << 10; n > 0; n /= 2 {
		for b, err := g.config.Pool.TryAlloc(n); err == nil; b, err = g.config.Pool.TryAlloc(n) {
			held = append(held, b)
		}
	}
	return func() {
		for _, b := range held {
			b.Release()
		}
	}
}

// A file that must be copied goes out although the pool is at its limit: nobody has asked for memory.
func TestCopyFileAtTheLimit(t *testing.T) {
	g := startLimited(t, 8<<20)
	connect := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{})
	s := newSink()
	p := connect(s)
	defer g.exhaust()()

	content := bytes.Repeat([]byte("0123456789"), 10_000)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	part, err := channel.WholeFile(f)
	if err != nil {
		t.Fatal(err)
	}
	defer part.Release()
	g.on(t, func() {
		n, all, errno, err := s.conn().copyFile(part, int(part.Size()))
		if n <= 0 || n != all || errno != 0 || err != nil {
			t.Errorf("sent %d of %d, %v, %v", n, all, errno, err)
		}
		content = content[:max(n, 0)]
	})
	got := make([]byte, len(content))
	if _, err := io.ReadFull(p, got); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%v, or other bytes came than were sent", err)
	}
}
