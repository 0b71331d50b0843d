//go:build linux

package socket_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// fileOf returns a file with this content.
func fileOf(t *testing.T, content []byte) *channel.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := sockettest.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Release)
	return f
}

// A file that must be copied goes out although the pool is at its limit: nobody has asked for memory.
func TestCopyFileAtTheLimit(t *testing.T) {
	onEach(t, func(t *testing.T, v variant) {
		g := sockettest.StartLimited(t, v.engine, 8<<20)
		s := sockettest.NewSink()
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
		defer g.Exhaust()()

		content := bytes.Repeat([]byte("0123456789"), 10_000)
		f := fileOf(t, content)
		g.On(func() {
			n, all, err := s.Conn().CopyFile(f, int(f.Size()))
			if n <= 0 || n != all || err != nil {
				t.Errorf("sent %d of %d, %v", n, all, err)
			}
			content = content[:max(n, 0)]
		})
		got := make([]byte, len(content))
		if _, err := io.ReadFull(p, got); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%v, or other bytes came than were sent", err)
		}
	})
}
