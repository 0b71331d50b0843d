//go:build linux

package sockettest

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var wakeTraps = []trap{
	{"WakeUps", wakeUps},
	{"WakeUpsAmidMessages", wakeUpsAmidMessages},
	{"Timers", timers},
}

// callers make calls to a loop, each waiting for its call before the next one.
func callers(t *testing.T, g *Group, n, calls int) {
	t.Helper()
	Together(t, n, func(i int) error {
		rng := rand.New(rand.NewPCG(uint64(i), 10))
		ran := make(chan error, 1)
		timer := time.NewTimer(Patience)
		defer timer.Stop()
		for range times(calls) {
			g.Loop.Do(func(err error) { ran <- err })
			select {
			case err := <-ran:
				if err != nil {
					return err
				}
			case <-timer.C:
				return errors.New("a call was lost")
			}
			for range rng.IntN(5) {
				runtime.Gosched()
			}
		}
		return nil
	})
}

// wakeUps has many goroutines wake a loop that is about to sleep: no call is lost, also when only one goroutine calls.
func wakeUps(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	callers(t, g, 1, 5000)
	callers(t, g, 8, 3000)
	g.Quiet("nobody calls")
}

// wakeUpsAmidMessages is the same while messages keep the loop busy for moments.
func wakeUpsAmidMessages(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	p := newTalk(g.Serve("tcp", "127.0.0.1:0", channel.Options{})(Verified(1)), 1)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			if err := p.exchange(3, 30); err != nil {
				ended <- err
				return
			}
		}
	}()
	callers(t, g, 4, 3000)
	close(stop)
	if err := Await(t, "the messages", ended); err != nil {
		t.Error(err)
	}
}

// timers run not before their time, and the best of some not long after it, whether a loop is idle or not.
func timers(t *testing.T, e engine.Engine) {
	const late = 4 * time.Millisecond
	g := Start(t, e)
	s := Verified(1)
	p := newTalk(g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s), 1)
	for _, d := range []time.Duration{0, 50 * time.Microsecond, time.Millisecond, 1500 * time.Microsecond, 10 * time.Millisecond} {
		for _, busy := range []bool{false, true} {
			best := time.Hour
			for range 10 {
				fired := make(chan time.Duration, 1)
				g.On(func() {
					start, loop := time.Now(), s.Channel.Loop()
					turn := loop.Now() // which the loop counts from: when this turn began
					var timer *channel.Timer
					timer = s.Channel.AfterFunc(d, func() {
						if took := loop.Now() - turn; took < d {
							t.Errorf("a timer of %v fired after %v", d, took)
						}
						fired <- time.Since(start)
						timer.Stop()
					})
				})
				for busy && len(fired) == 0 {
					if err := p.exchange(1, 10); err != nil {
						t.Fatal(err)
					}
				}
				best = min(best, Await(t, "a timer", fired)-d)
			}
			if best > late {
				t.Errorf("timers of %v fired %v late or more (busy: %v)", d, best, busy)
			}
		}
	}
	g.Quiet("all timers have fired")
}
