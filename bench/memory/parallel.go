package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

const (
	parallelSize = 1 << 10
	parallelGoal = 1.8

	// twoCores is what the spinning loop must gain for a round to count. Otherwise the machine had one core to give,
	// on which two goroutines take turns and do not get in each other's way.
	twoCores = 1.6
)

// parallel lets one goroutine and then two allocate and release, each on a
// thread of its own, and divides the operations per second. Two cores of a
// shared machine are seldom worth two, so a loop that only counts is measured
// beside: what an allocator reaches of that is its own doing.
func (b *bench) parallel() error {
	pool, plain, two := new(buffer.Pool), new(buffer.Pool), new(pow2)
	// Each makes the loop of a goroutine, on it, and what to do when it ends.
	workers := []struct {
		name string
		open func() (loop func(n, size int), close func())
	}{
		{"spin", func() (func(int, int), func()) { return spin, func() {} }},
		{"Cache", func() (func(int, int), func()) {
			c := pool.NewCache()
			return cacheLoop(c), c.Close
		}},
		{"Pool", func() (func(int, int), func()) { return poolLoop(plain), func() {} }},
		{"mcache", func() (func(int, int), func()) { return mcacheLoop, func() {} }},
		{"sync.Pool 2^n", func() (func(int, int), func()) { return pow2Loop(two), func() {} }},
	}
	var all []contender
	for _, w := range workers {
		for _, n := range []int{1, 2} {
			all = append(all, contender{fmt.Sprint(w.name, n), func(d time.Duration) (float64, error) {
				return together(n, d, w.open), nil
			}})
		}
	}
	results, err := b.interleave(all)
	if err != nil {
		return err
	}
	t := &table{
		Title:   fmt.Sprintf("parallel: %s allocated and released by one goroutine and by two", bytesName(parallelSize)),
		Columns: []string{"", "M/s one", "M/s two", "two/one", "quartiles", "2 x of spin", "quartiles", "goal", "verdict"},
	}
	scale := func(name string) []float64 { return ratios(find(results, name+"2"), find(results, name+"1")) }
	control := scale("spin")
	for _, w := range workers {
		one, two := find(results, w.name+"1"), find(results, w.name+"2")
		b.report.keep("parallel", "1", w.name, one)
		b.report.keep("parallel", "2", w.name, two)
		own := scale(w.name)
		honest := ofControl(own, control)
		bound, verdict := "", ""
		if w.name == "Cache" && len(honest) > 0 {
			g := b.report.Goals.AtLeast(parallelGoal, median(honest), "parallel: Cache, two goroutines / one, were two cores two")
			bound, verdict = g.Bound(), g.Verdict()
		}
		t.Row(w.name, figure(median(one)/1e6), figure(median(two)/1e6), figure(median(own)), quartiles(own),
			figure(median(honest)), quartiles(honest), bound, verdict)
	}
	if n := len(ofControl(control, control)); n < b.rounds {
		t.Note("only %d of %d rounds had two cores and count for the goal", n, b.rounds)
	}
	b.report.add(t)
	return nil
}

// ofControl returns what the rounds that had two cores would gain on two whole ones.
func ofControl(own, control []float64) []float64 {
	var out []float64
	for i, c := range control {
		if c >= twoCores {
			out = append(out, 2*own[i]/c)
		}
	}
	return out
}

// together returns the operations per second of n goroutines.
func together(n int, d time.Duration, open func() (loop func(n, size int), close func())) float64 {
	const batch = 512
	var ready, done sync.WaitGroup
	var stop atomic.Bool
	start := make(chan struct{})
	rates := make([]float64, n)
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			loop, close := open()
			defer close()
			loop(batch, parallelSize)
			ready.Done()
			<-start
			ops, began := 0, time.Now()
			for !stop.Load() {
				loop(batch, parallelSize)
				ops += batch
			}
			rates[i] = float64(ops) / time.Since(began).Seconds()
		})
	}
	ready.Wait()
	close(start)
	time.Sleep(d)
	stop.Store(true)
	done.Wait()
	sum := 0.0
	for _, r := range rates {
		sum += r
	}
	return sum
}

// spun keeps the compiler from dropping spin.
var spun atomic.Uint64

// spin computes in registers.
func spin(n, _ int) {
	x := uint64(n)
	for range n {
		for range 16 {
			x = x*6364136223846793005 + 1442695040888963407
		}
	}
	if x == 0 {
		spun.Store(x)
	}
}
