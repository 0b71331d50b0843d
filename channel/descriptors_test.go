//go:build unix

package channel_test

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// areClosed fails unless files are closed.
func areClosed(t *testing.T, when string, files ...*os.File) {
	t.Helper()
	for i, f := range files {
		if err := f.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: file %d is open", when, i)
		}
	}
}

// Files that cannot be sent are closed, and the bytes released.
func TestNewDescriptorsRefused(t *testing.T) {
	l := channeltest.NewLoop(t)
	if _, err := channel.NewDescriptors(l.Buf("x")); err == nil {
		t.Error("no file: no error")
	}
	one := l.OSFile("one")
	if _, err := channel.NewDescriptors(l.Buf(""), one); err == nil {
		t.Error("no byte: no error")
	}
	areClosed(t, "no byte", one)
	var many []*os.File
	for range channel.MaxDescriptors + 1 {
		many = append(many, l.OSFile(""))
	}
	if _, err := channel.NewDescriptors(l.Buf("x"), many...); err == nil {
		t.Error("too many: no error")
	}
	areClosed(t, "too many", many...)
	d, err := channel.NewDescriptors(l.Buf("four"), l.OSFile(""))
	if err != nil || d.Size() != 4 {
		t.Errorf("size %d, %v", d.Size(), err)
	}
	d.Release()
}

// An engine that cannot send descriptors, and a channel that is closed, refuse them and close them.
func TestWriteDescriptorsRefused(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	c := l.Open(s, channel.Options{Linger: -1})
	try := func(when string, want error) {
		t.Helper()
		f := l.OSFile("x")
		d, err := channel.NewDescriptors(l.Buf("x"), f)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Channel.WriteDescriptors(d); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", when, err, want)
		}
		areClosed(t, when, f)
	}
	c.Do(func(*channel.Channel) { try("no descriptors", errors.ErrUnsupported) })
	closeWith(c, nil)
	try("closed", channel.ErrClosed)
	if c.Wire.Total() != 0 {
		t.Errorf("%d bytes were sent", c.Wire.Total())
	}
}

// received returns n descriptors that nobody has.
func received(t *testing.T, l *channeltest.Loop, n int) (fds []int32) {
	t.Helper()
	for range n {
		f := l.OSFile("x")
		fd, err := syscall.Dup(int(f.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		fds = append(fds, int32(fd))
	}
	return fds
}

// open tells whether a descriptor is.
func open(fd int32) bool {
	var st syscall.Stat_t
	return syscall.Fstat(int(fd), &st) == nil
}

// What was received is taken in order, as many as are wanted; what is not taken is closed with the channel.
func TestTakeDescriptors(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	c := l.Open(s, channel.Options{Linger: -1})
	if files := s.Channel.TakeDescriptors(1); files != nil {
		t.Errorf("%d files out of nothing", len(files))
	}
	fds := received(t, l, 5)
	for _, part := range [][]int32{fds[:2], fds[2:]} {
		if err := c.ReceivedDescriptors(part, 5); err != nil {
			t.Fatal(err)
		}
	}
	if files := s.Channel.TakeDescriptors(0); files != nil {
		t.Errorf("took %d files, want none", len(files))
	}
	files := s.Channel.TakeDescriptors(3)
	for i, f := range files {
		if int32(f.Fd()) != fds[i] {
			t.Errorf("file %d is another", i)
		}
		f.Close()
	}
	if len(files) != 3 {
		t.Errorf("took %d files, want 3", len(files))
	}
	more := received(t, l, 4)
	if err := c.ReceivedDescriptors(more, 5); !errors.Is(err, channel.ErrTooManyDescriptors) {
		t.Errorf("2 and 4 of 5: %v, want ErrTooManyDescriptors", err)
	}
	for _, fd := range more {
		if open(fd) {
			t.Errorf("descriptor %d, which was too much, is open", fd)
		}
	}
	closeWith(c, nil)
	for _, fd := range fds[3:] {
		if open(fd) {
			t.Errorf("descriptor %d, which was not taken, is open", fd)
		}
	}
	late := received(t, l, 1)
	if err := c.ReceivedDescriptors(late, 5); err != nil || open(late[0]) || s.Channel.TakeDescriptors(1) != nil {
		t.Errorf("a descriptor for a closed channel: %v, open: %v", err, open(late[0]))
	}
}

// A backend that tells nothing of the peer.
func TestUntold(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	c := l.Open(s, channel.Options{Linger: -1})
	ask := func(want error) {
		t.Helper()
		_, err := s.Channel.PeerCredentials()
		_, err2 := s.Channel.PeerProcess()
		for i, err := range []error{err, err2, s.Channel.TCPInfo(new(channel.TCPInfo))} {
			if !errors.Is(err, want) {
				t.Errorf("%d: %v, want %v", i, err, want)
			}
		}
	}
	ask(errors.ErrUnsupported)
	closeWith(c, nil)
	ask(channel.ErrClosed)
	for s, want := range map[channel.TCPState]string{1: "established", 11: "closing", 0: "unknown", 200: "unknown"} {
		if s.String() != want {
			t.Errorf("state %d is %q, want %q", s, s, want)
		}
	}
}
