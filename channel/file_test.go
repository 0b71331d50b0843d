package channel_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

func TestFileBetweenBytes(t *testing.T) {
	for n := 1; n < 24; n++ {
		l := channeltest.NewLoop(t)
		c := l.Open(new(channeltest.Sink), channel.Options{}, channeltest.Always(channeltest.Take(n)))
		c.Do(func(ch *channel.Channel) {
			ch.Write(l.Buf("head "))
			ch.WriteFile(l.File("file "))
			ch.WriteFile(l.File(""))
			ch.WriteFile(l.File("another "))
			ch.Write(l.Buf("between "))
			ch.Write(l.Buf("them "))
			ch.WriteFile(l.File("last"))
		})
		if got := c.Wire.Sent(); got != "head file another between them last" {
			t.Errorf("Take(%d): sent %q", n, got)
		}
		if n := l.OpenFiles(); n != 0 {
			t.Errorf("%d files are open", n)
		}
	}
}

// A header and the file behind it are offered together.
func TestHeaderAndFile(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	c.Do(func(ch *channel.Channel) {
		ch.Write(l.Buf("header"))
		ch.WriteFile(l.File("content"))
	})
	if w := c.Wire.Writes(); len(w) != 1 || w[0] != (channeltest.Write{Pieces: 1, Bytes: 6, File: 7}) {
		t.Errorf("writes %+v", w)
	}
}

func TestFileRange(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	f, err := channel.NewFile(l.OSFile("0123456789"), 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	if f.Offset() != 3 || f.Size() != 4 {
		t.Errorf("offset %d, size %d", f.Offset(), f.Size())
	}
	c.Do(func(ch *channel.Channel) { ch.WriteFile(f) })
	if got := c.Wire.Sent(); got != "3456" {
		t.Errorf("sent %q", got)
	}
}

func TestFileRefused(t *testing.T) {
	l := channeltest.NewLoop(t)
	for _, r := range [][2]int64{{-1, 2}, {0, -1}, {0, 11}, {11, 0}, {5, 6}, {1, 1<<63 - 1}} {
		if f, err := channel.NewFile(l.OSFile("0123456789"), r[0], r[1]); err == nil {
			f.Release()
			t.Errorf("range %v was accepted", r)
		}
	}
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := channel.WholeFile(dir); err == nil || !strings.Contains(err.Error(), "regular") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := channel.WholeFile(dir); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the folder was not closed: %v", err)
	}
}

func TestFileReleasedTwice(t *testing.T) {
	f := channeltest.NewLoop(t).File("x")
	f.Release()
	defer func() {
		if recover() == nil {
			t.Error("the second Release went unnoticed")
		}
	}()
	f.Release()
}

func TestFileReadTo(t *testing.T) {
	l := channeltest.NewLoop(t)
	f := l.File(strings.Repeat("x", 100<<10) + "end")
	defer f.Release()
	b := l.Cache().Alloc(0)
	defer b.Release()
	for f.Size() > 0 {
		before := f.Size()
		if err := f.ReadTo(b, 9000); err != nil {
			t.Fatal(err)
		}
		if n := before - f.Size(); n != min(9000, before) {
			t.Fatalf("read %d bytes", n)
		}
	}
	if b.Len() != 100<<10+3 || !strings.HasSuffix(string(b.Bytes()), "xend") {
		t.Errorf("read %d bytes", b.Len())
	}
}

// A file that was cut short while it waited ends the channel; those behind it are closed.
func TestFileShrinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	osf, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	f, err := channel.WholeFile(osf)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 4); err != nil {
		t.Fatal(err)
	}
	c.Do(func(ch *channel.Channel) {
		ch.WriteFile(f)
		ch.WriteFile(l.File("never sent"))
	})
	if got := c.Wire.Sent(); got != "0123" {
		t.Errorf("sent %q", got)
	}
	if cause, _ := c.Told(); !errors.Is(cause, channel.ErrFileShrank) || !c.Wire.Aborted() {
		t.Errorf("cause %v, aborted %v", cause, c.Wire.Aborted())
	}
	if _, err := osf.Stat(); err == nil {
		t.Error("the file is open")
	}
}
