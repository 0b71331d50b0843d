//go:build linux

package socket_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// Descriptors leave in their place among the bytes, and are closed here when they have left.
func TestSendDescriptors(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := passing(t, g, 1, channel.Options{})(s)
		one, two, three := newFile(t, "one"), newFile(t, "two"), newFile(t, "three")
		g.On(func() {
			ch := s.Channel
			ch.Write(text(ch, "before "))
			ch.WriteDescriptors(with(t, ch, "first ", one, two))
			ch.Write(text(ch, "between "))
			ch.WriteDescriptors(with(t, ch, "second ", three))
			ch.Write(text(ch, "after"))
			if n := ch.Queued(); n != 2*16<<10+len("before first between second after") {
				t.Errorf("the queue weighs %d", n)
			}
			if n := ch.Unsent(); n != int64(len("before first between second after")) {
				t.Errorf("%d bytes are unsent", n)
			}
		})
		var all strings.Builder
		var came []string
		for all.Len() < len("before first between second after") {
			part, files := receive(t, p, 1000)
			for _, f := range files {
				came = append(came, contentOf(f))
			}
			if len(came) >= 2 && len(files) > 0 && !strings.Contains(all.String()+part, map[int]string{2: "f", 3: "s"}[len(came)]) {
				t.Errorf("descriptors %q have come before their bytes, after %q", came, all.String()+part)
			}
			all.WriteString(part)
		}
		if all.String() != "before first between second after" || strings.Join(came, " ") != "one two three" {
			t.Errorf("got %q and files %q", all.String(), came)
		}
		g.On(func() {}) // the peer may be faster than the end of the call that has sent it
		for _, f := range []*os.File{one, two, three} {
			if err := f.Close(); !errors.Is(err, os.ErrClosed) {
				t.Errorf("a file that was sent is not closed: %v", err)
			}
		}
	})
}

// Who reads the first byte of a message has its descriptors, and takes as many as it wants.
func TestReceiveDescriptors(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		type arrival struct {
			text  string
			files []*os.File
		}
		arrivals := make(chan arrival, 10)
		s := sockettest.NewSink()
		s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
			a := arrival{text: string(b.Bytes())}
			b.Release()
			a.files = append(s.Channel.TakeDescriptors(1), s.Channel.TakeDescriptors(1000)...)
			if more := s.Channel.TakeDescriptors(1); more != nil {
				t.Errorf("took %d descriptors more than there are", len(more))
			}
			arrivals <- a
			return nil
		}
		p := passing(t, g, channel.MaxDescriptors, channel.Options{})(s)
		expect := func(text string, contents ...string) {
			t.Helper()
			a := sockettest.Await(t, "input", arrivals)
			var got []string
			for _, f := range a.files {
				flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFD, 0)
				if err != nil || flags&unix.FD_CLOEXEC == 0 {
					t.Errorf("a received descriptor would be passed on to other programs: flags %b, %v", flags, err)
				}
				got = append(got, contentOf(f))
			}
			if a.text != text || strings.Join(got, " ") != strings.Join(contents, " ") {
				t.Errorf("got %q with %q, want %q with %q", a.text, got, text, contents)
			}
		}
		io.WriteString(p, "plain")
		expect("plain")
		transmit(t, p, "with three", newFile(t, "a"), newFile(t, "b"), newFile(t, "c"))
		expect("with three", "a", "b", "c")
		io.WriteString(p, "plain")
		expect("plain")
		var many []*os.File
		var contents []string
		for range channel.MaxDescriptors {
			f, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			many, contents = append(many, f), append(contents, "")
		}
		transmit(t, p, "many", many...)
		expect("many", contents...)
	})
}

// Reading bytes from a connection that could pass descriptors allocates nothing.
func TestPassingAllocates(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		p := passing(t, g, 1, channel.Options{})(sockettest.Echo())
		raw, err := p.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		ping, pong := []byte("ping"), make([]byte, 4)
		raw.Control(func(fd uintptr) {
			unix.SetNonblock(int(fd), false)
			channeltest.NoAllocations(t, 2000, each(func() { sockettest.RawPeer(fd).Exchange(t, ping, pong) }))
			unix.SetNonblock(int(fd), true)
		})
	})
}

// Bytes, files and descriptors in any order arrive in that order, through a socket that takes little at a time.
func TestDescriptorsAmongOthers(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		r := rand.New(rand.NewPCG(5, 11))
		s := sockettest.NewSink()
		p := passing(t, g, 1, channel.Options{Marks: channel.Watermark{Max: -1}})(s)
		var want strings.Builder // a capital letter is the first byte of a message with a file that contains it
		for i := range 400 {
			letter := string(rune('A' + i%26))
			small := strings.Repeat(strings.ToLower(letter), 1+r.IntN(3000))
			switch r.IntN(3) {
			case 0:
				want.WriteString(small)
				g.On(func() { s.Channel.Write(text(s.Channel, small)) })
			case 1:
				want.WriteString(small)
				f, err := channel.WholeFile(newFile(t, small))
				if err != nil {
					t.Fatal(err)
				}
				g.On(func() { s.Channel.WriteFile(f) })
			case 2:
				want.WriteString(letter + small)
				f := newFile(t, letter)
				g.On(func() {
					if err := s.Channel.WriteDescriptors(with(t, s.Channel, letter+small, f)); err != nil {
						t.Errorf("WriteDescriptors: %v", err)
					}
				})
			}
		}
		var got, letters, files strings.Builder
		for got.Len() < want.Len() {
			part, came := receive(t, p, 1+r.IntN(4000))
			got.WriteString(part)
			letters.WriteString(strings.Map(func(r rune) rune {
				if r >= 'A' && r <= 'Z' {
					return r
				}
				return -1
			}, part))
			for _, f := range came {
				files.WriteString(contentOf(f))
			}
			if letters.String() != files.String() {
				t.Fatalf("after %d bytes the messages are %q, and the files %q", got.Len(), letters.String(), files.String())
			}
		}
		if got.String() != want.String() {
			t.Errorf("got other bytes than were written")
		}
	})
}
