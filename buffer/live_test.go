package buffer_test

import (
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// TestLiveAcrossLoops hands buffers from loop to loop and to other goroutines. The sum must come out exactly.
func TestLiveAcrossLoops(t *testing.T) {
	pool := buffertest.Pool(t)
	const rounds = 500
	pass := make(chan *buffer.Buf, 16)
	done := make(chan *buffer.Buf, 16)
	kept := make(chan []*buffer.Buf, 1)
	var wg sync.WaitGroup
	wg.Go(func() { // a loop that makes
		c := pool.NewCache()
		defer c.Close()
		for range rounds {
			b := c.Alloc(100)
			b.PutZero(100)
			pass <- b.Clone()
			pass <- b
			c.Publish()
		}
		close(pass)
	})
	wg.Go(func() { // a loop that cuts and joins
		c := pool.NewCache()
		defer c.Close()
		for b := range pass {
			o := c.Alloc(10)
			o.PutUint32(1)
			o.Append(b.Split(60))
			b.Release()
			done <- o
			c.Publish()
		}
		close(done)
	})
	wg.Go(func() { // no loop
		var keep []*buffer.Buf
		for b := range done {
			if len(keep) < 10 {
				keep = append(keep, b)
			} else {
				b.Release()
			}
		}
		kept <- keep
	})
	wg.Wait()
	keep := <-kept
	if n := pool.Live(); n != len(keep) {
		t.Errorf("%d buffers are live, want %d", n, len(keep))
	}
	for _, b := range keep {
		b.Release()
	}
}

func TestCloseInUse(t *testing.T) {
	pool := buffertest.Pool(t)
	b := pool.Alloc(10)
	if pool.Close() == nil {
		t.Error("a pool was closed while a buffer was in use")
	}
	b.Release()
	c := pool.NewCache()
	if pool.Close() == nil {
		t.Error("a pool was closed while a cache was in use")
	}
	b = c.Alloc(10)
	c.Close()
	if c.Pool() != pool || pool.Live() != 1 {
		t.Errorf("%d buffers are live behind a closed cache, want 1", pool.Live())
	}
	b.Release()
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	pool.Alloc(10).Release() // a closed pool may be used again
}

func TestCopied(t *testing.T) {
	pool := buffertest.Pool(t)
	c := pool.NewCache()
	a, b := c.Alloc(1000), c.Alloc(1000)
	a.PutZero(1000)
	b.PutZero(1000)
	before := pool.Copied()
	a.Append(b) // linked
	b = a.Split(1500)
	b.Release()
	if n := pool.Copied() - before; n != 0 {
		t.Errorf("%d bytes were copied, want none", n)
	}
	b = a.Copy()
	b.Append(a.Slice(0, 100))
	b.Release()
	a.Release()
	c.Publish()
	if n := pool.Copied() - before; n != 600 {
		t.Errorf("%d bytes were copied, want 600", n)
	}
	c.Close()
	if n := pool.Copied() - before; n != 600 {
		t.Errorf("%d bytes were copied after Close, want 600", n)
	}
}
