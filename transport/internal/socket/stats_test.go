//go:build linux

package socket_test

import (
	"io"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// Every byte that a peer gets is counted once: as written, or as sent from a file.
func TestBytesCounted(t *testing.T) {
	const head, size = 5000, 3_000_000 // more than one turn sends
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		path := sockettest.BigFile(t, size).Name()
		s := sockettest.NewSink()
		s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
			b.PutZero(head - b.Len())
			if err := s.Channel.Write(b); err != nil {
				return err
			}
			return sockettest.WriteFile(s.Channel, path)
		}
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
		for round := uint64(1); round <= 3; round++ {
			io.WriteString(p, "?")
			if _, err := io.CopyN(io.Discard, p, head+size); err != nil {
				t.Fatal(err)
			}
			// The peer may have the last bytes before the loop has shown that it sent them.
			sockettest.Eventually(t, "the bytes in Stats", func() bool { return g.Stats().FileBytes >= round*size })
			if now := g.Stats(); now.WrittenBytes != round*head || now.FileBytes != round*size {
				t.Fatalf("after %d rounds: %d bytes written and %d of files, want %d and %d",
					round, now.WrittenBytes, now.FileBytes, round*head, round*size)
			}
		}
	})
}

// A file that cannot be sent by sendfile is written.
func TestBytesOfACopiedFile(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
		f := fileOf(t, make([]byte, 1234))
		g.On(func() {
			if n, _, err := s.Conn().CopyFile(f, 1234); n != 1234 || err != nil {
				t.Errorf("sent %d, %v", n, err)
			}
		})
		if _, err := io.CopyN(io.Discard, p, 1234); err != nil {
			t.Fatal(err)
		}
		sockettest.Eventually(t, "the bytes in Stats", func() bool { return g.Stats().WrittenBytes == 1234 })
		if n := g.Stats().FileBytes; n != 0 {
			t.Errorf("%d bytes counted as sent from a file", n)
		}
	})
}
