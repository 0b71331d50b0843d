package codectest

import (
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// A lab is where trials are made, one after the other. They share a loop and its pool for a while, because making
// these is most of the work.
type lab struct {
	testing.TB
	scope *scope
	loop  *channeltest.Loop
	used  int
	dirty bool // a trial has failed, and may have left something on the loop
}

func newLab(t testing.TB) *lab { return &lab{TB: t} }

// bench returns the loop for the next trial.
func (l *lab) bench() *channeltest.Loop {
	const most = 64 // a loop looks at all of its channels, closed or not, in every turn
	if l.loop == nil || l.used == most || l.dirty {
		l.close()
		l.scope = &scope{TB: l.TB, what: "codectest"}
		l.loop = channeltest.NewLoop(l.scope)
		l.used, l.dirty = 0, false
	}
	l.used++
	return l.loop
}

func (l *lab) close() {
	if l.scope != nil {
		l.scope.muted = l.dirty
		l.scope.end()
	}
}

// live returns the number of buffers that somebody owns.
func live(l *channeltest.Loop) int {
	l.Cache().Publish()
	return l.Pool.Live()
}

// start begins a trial with a channel of its own.
func (s Subject[T]) start(l *lab, format string, args ...any) *trial[T] {
	tr := s.join(&scope{TB: l.TB, what: fmt.Sprintf(format, args...)}, l.bench())
	tr.lab = l
	return tr
}

// end closes the channel and tells whether nothing has failed. No buffer may be left.
func (tr *trial[T]) end() bool {
	l := tr.pipe.Loop
	l.Protect(func() { tr.pipe.Channel().Abort(channeltest.ErrTestEnded) })
	l.Settle()
	for _, p := range l.Panics() {
		if !tr.failed {
			tr.Errorf("panic: %s", p)
		}
	}
	if n := live(l); n != 0 {
		tr.Errorf("%d buffers were not released", n)
	}
	if !tr.scope.end() {
		tr.lab.dirty = true
		return false
	}
	return true
}
