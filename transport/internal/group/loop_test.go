package group

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// A call is made later if too many wait, and with an error if the loop has ended meanwhile.
func TestInsist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, ends := range []bool{false, true} {
			l := channel.NewLoop(channel.LoopConfig{Pool: channeltest.NewLoop(t).Pool, MaxCalls: 1})
			full := false
			for !full {
				l.Do(func(err error) { full = err == channel.ErrRemoteFull })
			}
			called := make(chan error, 2)
			Insist(l, func(err error) { called <- err })
			<-time.After(10 * retryAfter)
			synctest.Wait()
			if len(called) > 0 {
				t.Fatalf("called with %v while the loop stands still", <-called)
			}
			want := error(nil)
			if ends {
				l.Stop()
				want = channel.ErrClosed
			} else {
				l.Turn()
			}
			<-time.After(retryAfter)
			synctest.Wait()
			if !ends {
				l.Turn()
				l.Stop()
			}
			if len(called) != 1 {
				t.Fatalf("called %d times, want once", len(called))
			}
			if err := <-called; err != want {
				t.Errorf("called with %v, want %v", err, want)
			}
		}
	})
}
