package channel

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestTimerModel sets, resets and stops timers at random, beside a model that is a map of due times.
func TestTimerModel(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(2, seed))
		l := &Loop{clock: func() time.Duration { return 0 }}
		chs := make([]*Channel, 3)
		for i := range chs {
			chs[i] = &Channel{loop: l, state: opened, opts: Options{}.Prepare()}
		}
		var ran []int
		due := map[int]time.Duration{}
		var timers []*Timer
		for step := range 500 {
			switch op := r.IntN(10); {
			case op < 4 || step < 100:
				i, d := len(timers), time.Duration(1+r.IntN(1000))
				timers = append(timers, chs[r.IntN(len(chs))].AfterFunc(d, func() { ran = append(ran, i) }))
				due[i] = l.now + d
			case op < 6:
				i, d := r.IntN(len(timers)), time.Duration(1+r.IntN(2000))
				timers[i].Reset(d)
				due[i] = l.now + d
			case op < 7:
				i := r.IntN(len(timers))
				timers[i].Stop()
				delete(due, i)
			default:
				l.now += time.Duration(r.IntN(40))
				want := expire(due, l.now)
				l.fire()
				slices.Sort(ran)
				if !slices.Equal(ran, want) {
					t.Fatalf("seed %d: at %d timers %v ran, want %v", seed, l.now, ran, want)
				}
				ran = ran[:0]
			}
			checkHeap(t, l, due, timers)
		}
		for _, ch := range chs {
			ch.stopTimers()
		}
		if len(l.timers) != 0 {
			t.Fatalf("seed %d: %d timers are left in the heap", seed, len(l.timers))
		}
	}
}

// expire removes what is due from the model and returns it.
func expire(due map[int]time.Duration, now time.Duration) []int {
	var all []int
	for i, at := range due {
		if at <= now {
			all = append(all, i)
			delete(due, i)
		}
	}
	slices.Sort(all)
	return all
}

func checkHeap(t *testing.T, l *Loop, due map[int]time.Duration, timers []*Timer) {
	t.Helper()
	for i, tm := range l.timers {
		if int(tm.index) != i {
			t.Fatalf("timer %d of the heap believes to be number %d", i, tm.index)
		}
		if i > 0 && l.timers[(i-1)/4].when > tm.when {
			t.Fatalf("timer %d is earlier than its parent", i)
		}
		if tm.want < tm.when {
			t.Fatalf("timer %d is due at %d and would be looked at at %d", i, tm.want, tm.when)
		}
	}
	for i, tm := range timers {
		if at, ok := due[i]; ok != (tm.index >= 0) || ok && tm.want != at {
			t.Fatalf("timer %d: in the heap %v, due at %d; the model says %v, %d", i, tm.index >= 0, tm.want, ok, at)
		}
	}
}

// TestTimerCount holds the number of timers of a channel against its list.
func TestTimerCount(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	l := &Loop{}
	ch := &Channel{loop: l, state: opened}
	var timers []*Timer
	for range 2000 {
		if len(timers) == 0 || r.IntN(3) == 0 {
			timers = append(timers, ch.AfterFunc(1, func() {}))
		} else if tm := timers[r.IntN(len(timers))]; r.IntN(2) == 0 {
			tm.Stop()
		} else {
			tm.Reset(1)
		}
		n := int32(0)
		for tm := ch.timers; tm != nil; tm = tm.next {
			n++
		}
		if n > 0 && ch.timers.count != n {
			t.Fatalf("%d timers are in the list, the count is %d", n, ch.timers.count)
		}
	}
}
