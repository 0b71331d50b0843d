//go:build linux

package socket_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// newFile returns an open file.
func newFile(t testing.TB, content string) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(content); err != nil {
		t.Fatal(err)
	}
	return f
}

// contentOf reads a file from its beginning, and closes it.
func contentOf(f *os.File) string {
	defer f.Close()
	p := make([]byte, 1000)
	n, err := f.ReadAt(p, 0)
	if err != nil && err != io.EOF {
		return err.Error()
	}
	return string(p[:n])
}

// with returns files that go with a text.
func with(t testing.TB, ch *channel.Channel, text string, files ...*os.File) *channel.Descriptors {
	t.Helper()
	b := ch.Alloc(len(text))
	b.PutString(text)
	d, err := channel.NewDescriptors(b, files...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func withByte(t testing.TB, ch *channel.Channel, files ...*os.File) *channel.Descriptors {
	t.Helper()
	return with(t, ch, "x", files...)
}

func text(ch *channel.Channel, s string) *buffer.Buf {
	b := ch.Alloc(len(s))
	b.PutString(s)
	return b
}

func unsupported(t testing.TB, what string, err error) {
	t.Helper()
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%s: %v, want errors.ErrUnsupported", what, err)
	}
}

// passing returns a function that connects peers to a listener which accepts so many descriptors.
func passing(t testing.TB, g *sockettest.Group, descriptors int, o channel.Options) func(*sockettest.Sink) *net.UnixConn {
	t.Helper()
	sinks := make(chan *sockettest.Sink, 1)
	ln := g.Listen(engine.ListenConfig{
		Network: "unix", Addr: filepath.Join(t.TempDir(), "s"), Options: o.Prepare(), Socket: engine.SocketOptions{Descriptors: descriptors},
	}, func(*channel.Channel) channel.Sink { return <-sinks })
	return func(s *sockettest.Sink) *net.UnixConn {
		t.Helper()
		sinks <- s
		p := g.Dial(ln).(*net.UnixConn)
		g.Watch(s)
		sockettest.Await(t, "Open", s.Opened)
		return p
	}
}

// receive reads bytes and the descriptors that come with them.
func receive(t testing.TB, p *net.UnixConn, most int) (string, []*os.File) {
	t.Helper()
	data, control := make([]byte, most), make([]byte, unix.CmsgSpace(4*channel.MaxDescriptors))
	n, m, _, _, err := p.ReadMsgUnix(data, control)
	if err != nil {
		t.Fatal(err)
	}
	messages, err := unix.ParseSocketControlMessage(control[:m])
	if err != nil {
		t.Fatal(err)
	}
	var files []*os.File
	for i := range messages {
		fds, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "received"))
		}
	}
	return string(data[:n]), files
}

// transmit sends bytes with files, which it closes.
func transmit(t testing.TB, p *net.UnixConn, text string, files ...*os.File) {
	t.Helper()
	var fds []int
	for _, f := range files {
		fds = append(fds, int(f.Fd()))
	}
	if _, _, err := p.WriteMsgUnix([]byte(text), unix.UnixRights(fds...), nil); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		f.Close()
	}
}
