//go:build unix

package channel_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// adopted returns a File on a descriptor of its own, and a function that tells whether that is open.
func adopted(t testing.TB, content string) (*channel.File, func() bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var is syscall.Stat_t
	if err := syscall.Fstat(fd, &is); err != nil {
		t.Fatal(err)
	}
	return channel.AdoptFile(fd, path, int64(len(content))), func() bool {
		var now syscall.Stat_t // of another file, if the number was given away again
		return syscall.Fstat(fd, &now) == nil && now.Ino == is.Ino
	}
}

func TestAdoptFile(t *testing.T) {
	f, open := adopted(t, "0123456789")
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{}, channeltest.Always(channeltest.Take(3)))
	if f.Size() != 10 || f.Offset() != 0 || filepath.Base(f.Name()) != "file" {
		t.Errorf("size %d, offset %d, name %q", f.Size(), f.Offset(), f.Name())
	}
	if !open() {
		t.Error("the descriptor is closed before the file was sent")
	}
	c.Do(func(ch *channel.Channel) { ch.WriteFile(f) })
	if got := c.Wire.Sent(); got != "0123456789" {
		t.Errorf("sent %q", got)
	}
	if open() {
		t.Error("the descriptor is open")
	}
}

func TestAdoptFileReadTo(t *testing.T) {
	content := strings.Repeat("x", 100<<10) + "end"
	f, open := adopted(t, content)
	b := channeltest.NewLoop(t).Cache().Alloc(0)
	defer b.Release()
	if err := f.ReadTo(b, 1<<20); err != nil || b.Text(0, b.Len()) != content {
		t.Errorf("read %d bytes, %v", b.Len(), err)
	}
	f.Release()
	if open() {
		t.Error("the descriptor is open")
	}
}

// A file that is shorter than the size it was adopted with.
func TestAdoptFileShrinks(t *testing.T) {
	f, _ := adopted(t, "0123456789")
	if err := os.Truncate(f.Name(), 4); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 10)
	if n, err := f.Peek(p); n != 4 || err != nil {
		t.Errorf("Peek returns %d, %v", n, err)
	}
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	c.Do(func(ch *channel.Channel) { ch.WriteFile(f) })
	if cause, _ := c.Told(); !errors.Is(cause, channel.ErrFileShrank) {
		t.Errorf("cause %v", cause)
	}
}

// Several goroutines share one File: the last to release closes it.
func TestFileShared(t *testing.T) {
	f, open := adopted(t, "0123456789")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 200 {
				s := f.Slice(int64(i), 2)
				var p [2]byte
				if n, err := s.Peek(p[:]); n != 2 || err != nil || p[0] != byte('0'+i) {
					t.Errorf("Peek returns %q, %v", p[:n], err)
				}
				c := s.Clone()
				s.Release()
				c.Release()
			}
		})
	}
	wg.Wait()
	if !open() {
		t.Error("closed before the last Release")
	}
	f.Release()
	if open() {
		t.Error("open after the last Release")
	}
}
