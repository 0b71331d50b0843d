package codectest

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec"
)

// VerifyEncoder encodes the messages and verifies that the decoder makes the same messages of the result, as far as
// Subject.Show tells. Encode owns its message, so each argument makes one; it is called twice.
func VerifyEncoder[T any](t testing.TB, s Subject[T], e codec.Encoder[T], messages ...func(buffer.Allocator) T) {
	t.Helper()
	var wire string
	var want []string
	sc := &scope{TB: t, what: "Encode"}
	l := channeltest.NewLoop(sc)
	for i, make := range messages {
		m := make(l.Cache())
		want = append(want, s.show(m))
		s.release(m)
		dst := l.Cache().Alloc(0)
		if err := e.Encode(dst, make(l.Cache())); err != nil {
			sc.Errorf("message %d, %q: %v", i+1, want[i], err)
		}
		wire += dst.Text(0, dst.Len())
		dst.Release()
	}
	if sc.end() {
		Verify(t, s, Case{Name: "what was encoded", Input: wire, Want: want})
	}
}
