package group

import (
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// retryAfter is how long Insist waits when too many calls wait for a loop.
const retryAfter = time.Millisecond

// Insist is Loop.Do for an engine's own calls, which must not be refused because too many wait for the loop: then it tries again a
// little later. f gets an error if the loop has ended, and is then called by any goroutine.
func Insist(l *channel.Loop, f func(error)) {
	l.Do(func(err error) {
		if err == channel.ErrRemoteFull {
			time.AfterFunc(retryAfter, func() { Insist(l, f) })
			return
		}
		f(err)
	})
}
