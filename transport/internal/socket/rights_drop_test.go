//go:build linux

package socket_test

import (
	"errors"
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// A peer that sends more than is taken is cut off, and what it has sent is closed. So is what nobody has taken.
func TestDescriptorsBounded(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := passing(t, g, 3, channel.Options{})(s)
		for range 3 {
			transmit(t, p, "x", newFile(t, ""))
		}
		transmit(t, p, "x", newFile(t, ""))
		if err := sockettest.Await(t, "Closed", s.Gone); !errors.Is(err, channel.ErrTooManyDescriptors) {
			t.Errorf("cause %v, want ErrTooManyDescriptors", err)
		}
		if s.Channel.TakeDescriptors(9) != nil {
			t.Error("descriptors survive their channel")
		}
	})
}

// Without the option descriptors that come are closed by the kernel, and none can be sent.
func TestDescriptorsNotAskedFor(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.Echo()
		p := passing(t, g, 0, channel.Options{})(s)
		transmit(t, p, "ping", newFile(t, ""))
		if got, files := receive(t, p, 100); got != "ping" || files != nil {
			t.Errorf("got %q and %d files", got, len(files))
		}
		f := newFile(t, "x")
		g.On(func() {
			unsupported(t, "WriteDescriptors", s.Channel.WriteDescriptors(withByte(t, s.Channel, f)))
			if s.Channel.TakeDescriptors(1) != nil {
				t.Error("a descriptor was received")
			}
		})
		if err := f.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("the file of a refused message is not closed: %v", err)
		}
	})
}

// What waits in the queue when the channel ends is closed, as is what is written afterwards.
func TestDescriptorsDropped(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := passing(t, g, 1, channel.Options{Marks: channel.Watermark{Max: -1}})(s)
		var files []*os.File
		for range 4 {
			files = append(files, newFile(t, ""))
		}
		g.On(func() {
			ch := s.Channel
			b := ch.Alloc(8 << 20) // more than the socket takes
			b.PutZero(8 << 20)
			ch.Write(b)
			for _, f := range files[:3] {
				if err := ch.WriteDescriptors(withByte(t, ch, f)); err != nil {
					t.Errorf("WriteDescriptors: %v", err)
				}
			}
			ch.Flush()
			if ch.Queued() < 3*16<<10 {
				t.Errorf("%d bytes are queued: all was sent", ch.Queued())
			}
			ch.Abort(nil)
			if err := ch.WriteDescriptors(withByte(t, ch, files[3])); err != channel.ErrClosed {
				t.Errorf("after Abort: %v", err)
			}
		})
		sockettest.Await(t, "Closed", s.Gone)
		for i, f := range files {
			if err := f.Close(); !errors.Is(err, os.ErrClosed) {
				t.Errorf("file %d is not closed: %v", i, err)
			}
		}
		p.Close()
	})
}

// Descriptors that come for a channel that is closing are closed.
func TestDescriptorsForAClosingChannel(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := passing(t, g, 1, channel.Options{})(s)
		g.On(func() { s.Channel.Close(nil) })
		if n, err := p.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Fatalf("read %d, %v", n, err)
		}
		for range 5 { // more than would be accepted
			transmit(t, p, "late", newFile(t, ""))
		}
		p.Close()
		if err := sockettest.Await(t, "Closed", s.Gone); err != nil {
			t.Errorf("cause %v", err)
		}
	})
}

// When the process has no room for the descriptors of a peer, the connection ends rather than lose them in silence.
func TestDescriptorsLost(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := passing(t, g, 100, channel.Options{})(s)
		first, second := newFile(t, ""), newFile(t, "")
		var old unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
			t.Fatal(err)
		}
		var fill []*os.File
		g.While(func() {
			transmit(t, p, "x", first, second)
			low := old
			low.Cur = 400
			if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
				t.Fatal(err)
			}
			for {
				f, err := os.Open(os.DevNull)
				if err != nil {
					break
				}
				fill = append(fill, f)
			}
			fill[0].Close() // room for one of the two
		}, func() {})
		err := sockettest.Await(t, "Closed", s.Gone)
		unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
		for _, f := range fill {
			f.Close()
		}
		if !errors.Is(err, channel.ErrDescriptorsLost) {
			t.Errorf("cause %v, want ErrDescriptorsLost", err)
		}
	})
}
