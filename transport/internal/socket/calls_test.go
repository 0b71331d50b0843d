//go:build linux

package socket_test

import (
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// What a burst has produced leaves in one call, an echo costs one read and one write, and registrations do not change.
func TestCallsOfAnEcho(t *testing.T) {
	onEach(t, func(t *testing.T, v variant) {
		g := sockettest.Start(t, v.engine)
		s := sockettest.NewSink()
		s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
			for b.Len() > 1 {
				piece := b.Split(1)
				err := s.Channel.Write(piece.Copy()) // which cannot be merged with the others
				piece.Release()
				if err != nil {
					b.Release()
					return err
				}
			}
			return s.Channel.Write(b)
		}
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
		const rounds = 50
		before := g.Calls()
		for range rounds {
			io.WriteString(p, "0123456789")
			if _, err := io.ReadFull(p, make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
		}
		after := g.Calls()
		if n := after.Reads - before.Reads; n > rounds || v.exact && n != rounds {
			t.Errorf("%d reads for %d messages", n, rounds)
		}
		if n := after.Writes - before.Writes; n > rounds || v.exact && n != rounds {
			t.Errorf("%d writes for %d messages of ten pieces", n, rounds)
		}
		// Waking the loop for this test's own calls counts too.
		if n := after.Control - before.Control; n > 4 {
			t.Errorf("%d other calls for %d messages", n, rounds)
		}
	})
}

// A header and the file behind it leave in one segment.
func TestHeaderAndFileTogether(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		path := sockettest.BigFile(t, 1600).Name()
		s := sockettest.NewSink()
		s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
			if err := s.Channel.Write(b); err != nil {
				return err
			}
			return sockettest.WriteFile(s.Channel, path)
		}
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
		const rounds = 20
		for range rounds {
			io.WriteString(p, "header")
			if _, err := io.ReadFull(p, make([]byte, 1606)); err != nil {
				t.Fatal(err)
			}
		}
		var segments uint32
		g.On(func() {
			info, err := unix.GetsockoptTCPInfo(int(s.Conn().FD), unix.IPPROTO_TCP, unix.TCP_INFO)
			if err != nil {
				t.Error(err)
				return
			}
			segments = info.Data_segs_out - info.Total_retrans
		})
		if segments > rounds {
			t.Errorf("%d segments for %d headers and files", segments, rounds)
		}
	})
}

// Sending a file that has shrunk ends, and does not turn the loop.
func TestShrunkFileDoesNotSpin(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		path := sockettest.BigFile(t, 64<<10).Name()
		if err := os.Truncate(path, 48<<20); err != nil {
			t.Fatal(err)
		}
		s := sockettest.NewSink()
		s.OnOpen = func(s *sockettest.Sink) error { return sockettest.WriteFile(s.Channel, path) }
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
		io.ReadFull(p, make([]byte, 1))
		if err := os.Truncate(path, 64<<10); err != nil {
			t.Fatal(err)
		}
		g.Quiet("peer does not read a file that has shrunk")
		before := g.Calls()
		io.Copy(io.Discard, p)
		sockettest.Await(t, "Closed", s.Gone)
		if n := g.Calls().Files - before.Files; n > 500 {
			t.Errorf("%d calls for a file that had ended", n)
		}
	})
}
