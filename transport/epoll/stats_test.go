//go:build linux

package epoll

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// Every byte that a peer gets is counted once: as written, or as sent from a file.
func TestBytesCounted(t *testing.T) {
	g := startOne(t)
	const head, size = 5000, 3_000_000 // more than one turn sends
	f := bigFile(t, size)
	path := f.Name()
	s := newSink()
	s.read = func(s *sink, b *buffer.Buf) error {
		b.PutZero(head - b.Len())
		if err := s.ch.Write(b); err != nil {
			return err
		}
		return writeFile(s.ch, path)
	}
	p := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{})(s)
	for round := uint64(1); round <= 3; round++ {
		io.WriteString(p, "?")
		if _, err := io.CopyN(io.Discard, p, head+size); err != nil {
			t.Fatal(err)
		}
		// The peer may have the last bytes before the loop has shown that it sent them.
		eventually(t, "the bytes in Stats", func() bool { return g.Stats().FileBytes >= round*size })
		if now := g.Stats(); now.WrittenBytes != round*head || now.FileBytes != round*size {
			t.Fatalf("after %d rounds: %d bytes written and %d of files, want %d and %d",
				round, now.WrittenBytes, now.FileBytes, round*head, round*size)
		}
	}
}

// A file that cannot be sent by sendfile is written.
func TestBytesOfACopiedFile(t *testing.T) {
	g := startOne(t)
	s := newSink()
	p := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{})(s)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, 1234), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := channel.WholeFile(in)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	g.on(t, func() {
		if n, _, errno, err := s.conn().copyFile(f, 1234); n != 1234 || errno != 0 || err != nil {
			t.Errorf("sent %d, %v, %v", n, errno, err)
		}
	})
	if _, err := io.CopyN(io.Discard, p, 1234); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the bytes in Stats", func() bool { return g.Stats().WrittenBytes == 1234 })
	if n := g.Stats().FileBytes; n != 0 {
		t.Errorf("%d bytes counted as sent from a file", n)
	}
}
