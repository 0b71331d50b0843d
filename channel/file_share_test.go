package channel_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// Ranges of ranges of one open file, sent by two channels in any order.
func TestFileSlices(t *testing.T) {
	l := channeltest.NewLoop(t)
	whole := l.File("0123456789")
	part := whole.Slice(2, 6) // 234567
	inner := part.Slice(1, 3) // 345
	rest := part.Slice(6, 0)
	again := part.Clone()
	one := l.Open(new(channeltest.Sink), channel.Options{}, channeltest.Always(channeltest.Take(2)))
	two := l.Open(new(channeltest.Sink), channel.Options{})
	one.Do(func(ch *channel.Channel) {
		ch.WriteFile(inner)
		ch.WriteFile(whole)
		ch.WriteFile(rest)
	})
	if n := l.OpenFiles(); n != 1 {
		t.Errorf("%d files are open while two Files are left", n)
	}
	two.Do(func(ch *channel.Channel) {
		ch.WriteFile(again)
		ch.WriteFile(part)
	})
	if got := one.Wire.Sent(); got != "3450123456789" {
		t.Errorf("sent %q", got)
	}
	if got := two.Wire.Sent(); got != "234567234567" {
		t.Errorf("sent %q", got)
	}
	if n := l.OpenFiles(); n != 0 {
		t.Errorf("%d files are open", n)
	}
}

// What was sent of a File is not in its slices.
func TestFileSliceOfRest(t *testing.T) {
	l := channeltest.NewLoop(t)
	f := l.File("0123456789")
	b := l.Cache().Alloc(4)
	defer b.Release()
	if err := f.ReadTo(b, 4); err != nil {
		t.Fatal(err)
	}
	s := f.Slice(1, 2)
	f.Release()
	if s.Offset() != 5 || s.Size() != 2 {
		t.Errorf("offset %d, size %d", s.Offset(), s.Size())
	}
	s.Release()
}

func TestFileMisuse(t *testing.T) {
	l := channeltest.NewLoop(t)
	f := l.File("0123456789")
	defer f.Release()
	for _, r := range [][2]int64{{-1, 2}, {0, -1}, {0, 11}, {11, 0}, {5, 6}, {1, 1<<63 - 1}} {
		want := fmt.Sprintf("channel: Slice(%d, %d) of a File of 10 bytes", r[0], r[1])
		if said := panics(func() { f.Slice(r[0], r[1]) }); said != want {
			t.Errorf("Slice(%d, %d): %v", r[0], r[1], said)
		}
	}
	released := new(channel.File)
	for what, call := range map[string]func(){
		"channel: Slice of a released File":   func() { released.Slice(0, 0) },
		"channel: Clone of a released File":   func() { released.Clone() },
		"channel: Release of a released File": func() { released.Release() },
		"channel: AdoptFile of -1 bytes":      func() { channel.AdoptFile(0, "", -1) },
	} {
		if said := panics(call); said != what {
			t.Errorf("%v, want %s", said, what)
		}
	}
}

func panics(f func()) (said any) {
	defer func() { said = recover() }()
	f()
	return nil
}

// A File of a file that is open already.
func TestFileAllocs(t *testing.T) {
	l := channeltest.NewLoop(t)
	f := l.File(strings.Repeat("x", 1000))
	defer f.Release()
	if n := testing.AllocsPerRun(1000, func() { f.Slice(10, 100).Release() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
