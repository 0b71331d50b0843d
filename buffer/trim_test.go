package buffer_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// many makes buffers of many sizes, and releases all but every keep-th.
func many(a buffer.Allocator, keep int) (kept []*buffer.Buf) {
	var all []*buffer.Buf
	for n := 50; n < 200_000; n += n / 20 {
		for range 20 {
			all = append(all, a.Alloc(n))
		}
	}
	for i, b := range all {
		if i%keep == 0 {
			kept = append(kept, b)
		} else {
			b.Release()
		}
	}
	return kept
}

// wait lets time pass in a bubble of testing/synctest.
func wait(d time.Duration) { <-time.After(d) }

func TestTrim(t *testing.T) {
	pool := &buffer.Pool{TrimAfter: -1}
	buffertest.NoLeaks(t, pool)
	for _, b := range many(pool, 50) {
		b.Release()
	}
	before := pool.Held()
	if n := pool.Trim(); n != before {
		t.Errorf("%d bytes of %d were trimmed, nothing is in use", n, before)
	}
	if s := pool.Stats(); s.Held != 0 || s.Trims == 0 || s.Trimmed != before || s.Idle != 0 || len(s.Classes) != 0 {
		t.Errorf("after trimming all: %+v", s)
	}
	kept := many(pool, 50)
	pool.Trim()
	if s := pool.Stats(); s.Held == 0 || s.Held >= before || s.Idle != 0 {
		t.Errorf("after trimming some: %+v", s)
	}
	for _, b := range kept {
		b.PutZero(100) // its memory is still there
		b.Release()
	}
}

// TestTrimAfter checks that memory which nobody needs goes back by itself, and that a pool at rest has no timer.
func TestTrimAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := buffertest.Pool(t)
		for _, b := range many(pool, 50) {
			b.Release()
		}
		wait(buffer.DefaultTrimAfter - 1)
		if pool.Held() == 0 {
			t.Error("memory went back before TrimAfter")
		}
		wait(buffer.DefaultTrimAfter + time.Second)
		if n := pool.Held(); n != 0 {
			t.Errorf("%d bytes are held two times TrimAfter after the last use", n)
		}
		// What is used now and then stays.
		b := pool.Alloc(1000)
		b.Release()
		for range 10 {
			wait(buffer.DefaultTrimAfter / 2)
			pool.Alloc(1000).Release()
		}
		if trims := pool.Stats().Trims; pool.Held() == 0 {
			t.Errorf("memory in use went back: %d trims", trims)
		}
	})
}

// TestTrimCache checks that a loop is asked for what it does not need, and keeps the rest.
func TestTrimCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := buffertest.Pool(t)
		c := pool.NewCache()
		calls := make(chan func(), 10)
		c.OnTrim(func() { calls <- c.Trim })
		for _, b := range many(c, 50) {
			b.Release()
		}
		c.Publish()
		if pool.Stats().Cached == 0 {
			t.Fatal("the cache has no stock")
		}
		begin := time.Now()
		for pool.Held() > 0 && time.Since(begin) < time.Minute {
			select {
			case f := <-calls:
				f()
			case <-time.After(time.Second):
			}
		}
		if d := time.Since(begin); d > 4*buffer.DefaultTrimAfter+2*time.Second {
			t.Errorf("a loop that sleeps gave its memory back after %v", d)
		}
		// On demand, a loop gives all it has.
		c.Alloc(1000).Release()
		pool.Trim()
		(<-calls)()
		pool.Trim()
		if n := pool.Held(); n != 0 {
			t.Errorf("%d bytes are held after two calls of Trim", n)
		}
		c.Close()
	})
}

// TestDriftingSizes checks that a pool does not hold every size at its peak.
func TestDriftingSizes(t *testing.T) {
	pool := buffertest.Pool(t)
	most, bytes := int64(0), 32<<20
	if testing.Short() {
		bytes /= 4
	}
	for n := 100; n < 1<<20; n *= 2 {
		var all []*buffer.Buf
		for range bytes / n {
			all = append(all, pool.Alloc(n))
		}
		most = max(most, pool.Held())
		for _, b := range all {
			b.Release()
		}
	}
	if most > int64(bytes)/2*5 {
		t.Errorf("%d MiB were held, %d were in use at a time", most>>20, bytes>>20)
	}
}
