package channel_test

import (
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// What was found in the page cache counts for a second, for all Files on the same open file.
func TestSeen(t *testing.T) {
	l := channeltest.NewLoop(t)
	f := l.File("0123456789")
	defer f.Release()
	if f.Seen(1, 0) {
		t.Error("seen before anybody has looked")
	}
	f.SetSeen(4, time.Minute)
	rest := f.Slice(4, 6)
	defer rest.Release()
	if !f.Seen(4, time.Minute) || f.Seen(5, time.Minute) || rest.Seen(1, time.Minute) {
		t.Error("another part than that which was seen")
	}
	rest.SetSeen(6, time.Minute+time.Second/2) // it follows
	if !f.Seen(10, time.Minute+time.Second/2) {
		t.Error("two parts do not make one")
	}
	if f.Seen(1, time.Minute+time.Second) {
		t.Error("seen longer than a second ago")
	}
	rest.SetSeen(6, time.Minute+time.Second)
	if f.Seen(1, time.Minute+time.Second) || !rest.Seen(6, time.Minute+time.Second) {
		t.Error("what was seen too long ago counts")
	}
}
