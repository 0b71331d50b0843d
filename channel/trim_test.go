package channel_test

import (
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// stocked leaves free blocks in a loop's cache.
func stocked(l *channeltest.Loop) {
	var all []*buffer.Buf
	for range 4 {
		all = append(all, l.Cache().Alloc(10_000))
	}
	for _, b := range all {
		b.Release()
	}
	l.Settle()
}

// Pool.Trim wakes a loop that sleeps, which then gives back what it has in stock.
func TestTrim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = &buffer.Pool{TrimAfter: -1} })
		stocked(l)
		if l.Pool.Stats().Cached == 0 {
			t.Fatal("nothing is in stock")
		}
		l.Pool.Trim()
		l.Wait()
		if n := l.Pool.Stats().Cached; n != 0 {
			t.Errorf("%d bytes are still in stock", n)
		}
		l.Pool.Trim()
		if n := l.Pool.Stats().Idle; n != 0 {
			t.Errorf("%d idle bytes", n)
		}
		synctest.Wait()
	})
}

// What is idle goes back by itself.
func TestTrimTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = new(buffer.Pool) })
		stocked(l)
		for range 10 {
			if l.Pool.Stats().Cached == 0 {
				break
			}
			l.Wait()
		}
		if n := l.Pool.Stats().Cached; n != 0 {
			t.Errorf("%d bytes are still in stock", n)
		}
	})
}

// A loop that has ended is not called, and nothing is left of calls that came too late.
func TestTrimAfterEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	synctest.Test(t, func(t *testing.T) {
		pool := &buffer.Pool{TrimAfter: -1}
		woken := 0
		l := channel.NewLoop(channel.LoopConfig{Pool: pool, Wake: func() { woken++ }})
		l.Cache().Alloc(100).Release()
		pool.Trim() // the call comes when the loop has ended, or just before
		l.Stop()
		synctest.Wait()
		pool.Trim()
		synctest.Wait()
		if woken != 0 {
			t.Errorf("a loop that does not sleep was woken %d times", woken)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines are left of %d", n, before)
	}
}
