//go:build linux

package epoll

import (
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// calls returns what the loop has counted, as of now.
func (g *group) calls(t testing.TB) (s tally) {
	t.Helper()
	g.on(t, func() {
		c := &g.loops[0].calls
		s = tally{c.Reads, c.Writes, c.Files, c.Control}
	})
	return s
}

type tally struct{ reads, writes, files, control uint64 }

// What a burst has produced leaves in one call, an echo costs one read and one write, and registrations do not change.
func TestCallsOfAnEcho(t *testing.T) {
	g := startOne(t)
	s := newSink()
	s.read = func(s *sink, b *buffer.Buf) error {
		for b.Len() > 1 {
			piece := b.Split(1)
			err := s.ch.Write(piece.Copy()) // which cannot be merged with the others
			piece.Release()
			if err != nil {
				b.Release()
				return err
			}
		}
		return s.ch.Write(b)
	}
	p := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{})(s)
	const rounds = 50
	before := g.calls(t)
	for range rounds {
		io.WriteString(p, "0123456789")
		if _, err := io.ReadFull(p, make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
	}
	after := g.calls(t)
	if n := after.reads - before.reads; n != rounds {
		t.Errorf("%d reads for %d messages", n, rounds)
	}
	if n := after.writes - before.writes; n != rounds {
		t.Errorf("%d writes for %d messages of ten pieces", n, rounds)
	}
	// Waking the loop for this test's own calls counts too.
	if n := after.control - before.control; n > 4 {
		t.Errorf("%d other calls for %d messages", n, rounds)
	}
}

// A header and the file behind it leave in one segment.
func TestHeaderAndFileTogether(t *testing.T) {
	g := startOne(t)
	f := bigFile(t, 1600)
	path := f.Name()
	s := newSink()
	s.read = func(s *sink, b *buffer.Buf) error {
		if err := s.ch.Write(b); err != nil {
			return err
		}
		return writeFile(s.ch, path)
	}
	p := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{})(s)
	const rounds = 20
	for range rounds {
		io.WriteString(p, "header")
		if _, err := io.ReadFull(p, make([]byte, 1606)); err != nil {
			t.Fatal(err)
		}
	}
	var segments uint32
	g.on(t, func() {
		info, err := unix.GetsockoptTCPInfo(int(s.conn().fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			t.Error(err)
			return
		}
		segments = info.Data_segs_out - info.Total_retrans
	})
	if segments > rounds {
		t.Errorf("%d segments for %d headers and files", segments, rounds)
	}
}

// Sending a file that has shrunk ends, and does not turn the loop.
func TestShrunkFileDoesNotSpin(t *testing.T) {
	g := startOne(t)
	f := bigFile(t, 64<<10)
	path := f.Name()
	if err := os.Truncate(path, 48<<20); err != nil {
		t.Fatal(err)
	}
	s := newSink()
	s.open = func(s *sink) error {
		return writeFile(s.ch, path)
	}
	p := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{})(s)
	io.ReadFull(p, make([]byte, 1))
	if err := os.Truncate(path, 64<<10); err != nil {
		t.Fatal(err)
	}
	g.quiet(t, "peer does not read a file that has shrunk")
	before := g.calls(t)
	io.Copy(io.Discard, p)
	await(t, "Closed", s.closed)
	if n := g.calls(t).files - before.files; n > 500 {
		t.Errorf("%d calls for a file that had ended", n)
	}
}

// writeFile writes all of a file.
func writeFile(ch *channel.Channel, path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	file, err := channel.WholeFile(in)
	if err != nil {
		return err
	}
	return ch.WriteFile(file)
}
