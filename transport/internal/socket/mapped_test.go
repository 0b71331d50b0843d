//go:build linux

package socket_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// mapWhole returns all of a file, mapped for a loop.
func mapWhole(c *buffer.Cache, path string) (*buffer.Buf, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return c.Map(f, 0, info.Size())
}

// A mapped file reaches the peer whole, in small pieces and in one.
func TestMappedFile(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		for _, size := range []int{160, 3200, 48_000, 16 << 20} {
			path := sockettest.BigFile(t, size).Name()
			s := sockettest.NewSink()
			s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
				b.Release()
				b, err := mapWhole(s.Channel.Cache(), path)
				if err != nil {
					return err
				}
				return s.Channel.Write(b)
			}
			p := g.Serve("tcp", "127.0.0.1:0", channel.Options{Marks: channel.Watermark{Max: -1}})(s)
			io.WriteString(p, "go")
			got := make([]byte, size)
			if _, err := io.ReadFull(p, got); err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes: others arrived, %v", size, err)
			}
			p.Close()
			<-s.Gone
		}
		if n := buffer.Maps(); n != 0 {
			t.Errorf("%d mappings are left", n)
		}
	})
}

// A mapped file that becomes shorter while it is sent closes its connection, and no other: also when it ends inside of a page then,
// and when somebody has read the pages that are gone, so that there are zeros.
func TestMappedFileShrinks(t *testing.T) {
	if buffer.MapCopies {
		t.Log("files are copied here")
		return
	}
	const big = 48 << 20 // more than the kernel takes for a peer that does not read
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		other := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(sockettest.Echo())
		for _, to := range []int64{0, big - 1} {
			for _, read := range []bool{false, true} {
				path := sockettest.BigFile(t, big).Name()
				s := sockettest.NewSink()
				var clone *buffer.Buf
				s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
					b.Release()
					b, err := mapWhole(s.Channel.Cache(), path)
					if err != nil {
						return err
					}
					clone = b.Clone()
					return s.Channel.Write(b)
				}
				p := g.Serve("tcp", "127.0.0.1:0", channel.Options{Marks: channel.Watermark{Max: -1}})(s)
				io.WriteString(p, "go")
				if _, err := io.ReadFull(p, make([]byte, 1)); err != nil {
					t.Fatal(err)
				}
				if err := os.Truncate(path, to); err != nil {
					t.Fatal(err)
				}
				g.On(func() {
					if read {
						bytes.Count(clone.Bytes(), []byte("x"))
					}
					clone.Release()
				})
				n, _ := io.Copy(io.Discard, p)
				if n >= big-1 {
					t.Errorf("cut to %d: the peer got all of it", to)
				}
				if err := <-s.Gone; !errors.Is(err, channel.ErrFileShrank) {
					t.Errorf("cut to %d: cause %v", to, err)
				}
				io.WriteString(other, "ping")
				if _, err := io.ReadFull(other, make([]byte, 4)); err != nil {
					t.Errorf("another connection: %v", err)
				}
			}
		}
		if n := buffer.Maps(); n != 0 {
			t.Errorf("%d mappings are left", n)
		}
	})
}

// A short mapped file that is empty when its turn comes, which one engine leaves to the kernel's ring.
func TestMappedFileIsEmptied(t *testing.T) {
	if buffer.MapCopies {
		t.Log("files are copied here")
		return
	}
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		for range 20 {
			path := sockettest.BigFile(t, 1600).Name()
			s := sockettest.NewSink()
			s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
				b.Release()
				b, err := mapWhole(s.Channel.Cache(), path)
				if err != nil {
					return err
				}
				if err := s.Channel.Write(b); err != nil {
					return err
				}
				return os.Truncate(path, 0)
			}
			p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
			io.WriteString(p, "go")
			if got, _ := io.ReadAll(p); len(got) > 0 {
				t.Errorf("the peer got %d bytes", len(got))
			}
			if err := <-s.Gone; !errors.Is(err, channel.ErrFileShrank) {
				t.Errorf("cause %v", err)
			}
		}
	})
}

// A file by direct I/O, and bytes behind it, twice. It needs nothing of the engine.
func TestDirectFile(t *testing.T) {
	const size = 24 << 20
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		path := sockettest.BigFile(t, size).Name()
		s := sockettest.NewSink()
		s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
			f, err := sockettest.OpenFile(path)
			if err != nil {
				b.Release()
				return err
			}
			if err := s.Channel.WriteDirect(f); err != nil {
				b.Release()
				return err
			}
			return s.Channel.Write(b)
		}
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			io.WriteString(p, "tail")
			got := make([]byte, size+4)
			if _, err := io.ReadFull(p, got); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got[:size], want) || string(got[size:]) != "tail" {
				t.Error("other bytes arrived")
			}
		}
		p.Close()
		<-s.Gone
	})
}
