package channel_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// mapped returns a mapped file of n bytes, all 'x', and its name.
func mapped(t *testing.T, l *channeltest.Loop, n int) (*buffer.Buf, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, bytes.Repeat([]byte("x"), n), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := l.Cache().Map(f, 0, int64(n))
	if err != nil {
		t.Fatal(err)
	}
	return b, name
}

func truncate(t *testing.T, name string, n int64) {
	t.Helper()
	if err := os.Truncate(name, n); err != nil {
		t.Fatal(err)
	}
}

func wantShrank(t *testing.T, c *channeltest.Conn) {
	t.Helper()
	if cause, closed := c.Told(); !closed || !errors.Is(cause, channel.ErrFileShrank) || !c.Wire.Aborted() {
		t.Errorf("closed %v, aborted %v, cause %v", closed, c.Wire.Aborted(), cause)
	}
}

func TestMappedIsSent(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{}, channeltest.Always(channeltest.Take(1000)))
	b, _ := mapped(t, l, 10_000)
	c.Do(func(ch *channel.Channel) {
		ch.Write(l.Buf("head"))
		ch.Write(b)
		ch.WriteFile(l.File("file"))
		ch.Write(l.Buf("tail"))
	})
	if got := c.Wire.Sent(); got != "head"+string(bytes.Repeat([]byte("x"), 10_000))+"filetail" {
		t.Errorf("%d bytes", len(got))
	}
	if n := buffer.Maps(); n != 0 {
		t.Errorf("%d mappings", n)
	}
}

// What is cut off is never sent for what it was, whether a page is missing, or has been read and is zero, or lies in the middle of what
// is left, in front of a file or behind; but what was complete is sent before.
func TestMappedIsCut(t *testing.T) {
	if buffer.MapCopies {
		t.Log("files are copied here")
		return
	}
	const size = 100_000 // more than is copied while the peer takes nothing
	for _, to := range []int64{0, 4096, 5000, size - 1} {
		for _, read := range []bool{false, true} {
			for _, behind := range []bool{false, true} {
				l := channeltest.NewLoop(t)
				c := l.Open(new(channeltest.Sink), channel.Options{}, channeltest.Take(100), channeltest.Again())
				other := l.Open(new(channeltest.Sink), channel.Options{})
				b, name := mapped(t, l, size)
				c.Do(func(ch *channel.Channel) {
					if behind {
						ch.WriteFile(l.File(string(make([]byte, 1000))))
					}
					clone := b.Clone()
					ch.Write(b)
					ch.Flush()
					truncate(t, name, to)
					if read {
						clone.At(clone.Len() - 1)
					}
					clone.Release()
				})
				c.Unstall()
				wantShrank(t, c)
				if n := c.Wire.Total(); n != 100 {
					t.Errorf("cut to %d: %d bytes were sent", to, n)
				}
				other.Do(func(ch *channel.Channel) { ch.Write(l.Buf("hello")) })
				if got := other.Wire.Sent(); got != "hello" {
					t.Errorf("another channel: %q", got)
				}
			}
		}
	}
}

// cutter is a Backend that loses a file in the moment in which it writes, by a true system call.
type cutter struct {
	*channeltest.Script
	cut func()
	fd  int
}

func (c *cutter) Flush(q *channel.Outbound) error {
	c.cut()
	p, _ := q.First()
	n, err := syscall.Write(c.fd, p)
	if err != nil {
		return channel.NewOpError("write", err)
	}
	q.Advance(int64(n))
	return nil
}

// TestMappedIsCutAmidWrite: the channel closes where the kernel finds no page, and also where it has found zeros and taken all.
func TestMappedIsCutAmidWrite(t *testing.T) {
	if buffer.MapCopies {
		t.Log("files are copied here")
		return
	}
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(pair[0])
	defer syscall.Close(pair[1])
	for _, to := range []int64{0, 5000} {
		l := channeltest.NewLoop(t)
		b, name := mapped(t, l, 8000)
		backend := &cutter{Script: channeltest.NewScript(t, "cutter"), cut: func() { truncate(t, name, to) }, fd: pair[0]}
		var port channel.Port
		o := channel.Options{}
		var cause error
		port.Init(l.Loop, backend, &channeltest.Sink{
			OnOpen:   func(ch *channel.Channel) error { return ch.Write(b) },
			OnClosed: func(err error) { cause = err },
		}, o.Prepare())
		port.Open()
		l.Settle()
		if !errors.Is(cause, channel.ErrFileShrank) || !backend.Aborted() {
			t.Errorf("cut to %d amid a write: cause %v, aborted %v", to, cause, backend.Aborted())
		}
	}
}

// A rest that is copied because the peer takes nothing: the copy is not sent if there was nothing to copy.
func TestMappedIsCutAndCopied(t *testing.T) {
	if buffer.MapCopies {
		t.Log("files are copied here")
		return
	}
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	b, name := mapped(t, l, 200)
	c.Do(func(ch *channel.Channel) {
		truncate(t, name, 0)
		small := ch.Alloc(1000)
		small.PutString("head")
		small.Append(b)
		ch.Write(small)
	})
	wantShrank(t, c)
	if n := c.Wire.Total(); n != 0 {
		t.Errorf("%d bytes were sent", n)
	}
}
