package buffer

import "testing"

// TestHandlesComeBack makes handles on a loop and releases them on another goroutine: their number must stay bounded.
func TestHandlesComeBack(t *testing.T) {
	pool := new(Pool)
	c := pool.NewCache()
	pass, done := make(chan *Buf), make(chan bool)
	go func() {
		for b := range pass {
			b.Release()
			done <- true
		}
	}()
	for range 10000 {
		pass <- c.Alloc(10)
		<-done
	}
	close(pass)
	free := 0
	for b := pool.shared.free; b != nil; b = b.next {
		free++
	}
	if free > 2*handleSlab {
		t.Errorf("%d handles for one in use at a time", free)
	}
	c.Close()
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers were not released", n)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}

// TestBlocksAreBounded checks what a cache keeps for itself.
func TestBlocksAreBounded(t *testing.T) {
	pool := new(Pool)
	maker, taker := pool.NewCache(), pool.NewCache()
	for range 100 {
		var all []*Buf
		for range 100 {
			all = append(all, maker.Alloc(10000))
		}
		for _, b := range all {
			taker.release(b)
		}
	}
	if held := pool.Held(); held > 8<<20 {
		t.Errorf("%d bytes are held for a million in use at a time", held)
	}
	class := classOf(10000 + DefaultHeadroom)
	if n := taker.blocks[class].n; n > taker.blocks[class].keep {
		t.Errorf("a cache keeps %d blocks, at most %d are allowed", n, taker.blocks[class].keep)
	}
	maker.Close()
	taker.Close()
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers were not released", n)
	}
}

// TestAdopt passes a cache from goroutine to goroutine, as a loop does that is a lock: who has adopted it works without the
// pool's lock, who has not goes to the pool, and a closed one stays closed. The race detector looks on.
func TestAdopt(t *testing.T) {
	pool := new(Pool)
	c := pool.NewCache()
	c.Disown()
	turn := make(chan *Buf, 1)
	turn <- nil
	done := make(chan int)
	for range 4 {
		go func() {
			mine := 0
			for range 1000 {
				b := <-turn
				c.Adopt()
				if b != nil {
					if b.local() != c && getg() != 0 {
						t.Error("the goroutine that adopted the cache does not own it")
					}
					mine += b.Len()
					b.Release()
				}
				b = c.Alloc(100)
				b.PutString("x")
				c.Disown()
				if b.local() != nil {
					t.Error("the goroutine that disowned the cache owns it")
				}
				turn <- b
			}
			done <- mine
		}()
	}
	sum := 0
	for range 4 {
		sum += <-done
	}
	if sum != 4*1000-1 {
		t.Errorf("%d bytes were passed on, want %d", sum, 4*1000-1)
	}
	(<-turn).Release() // on none of these goroutines
	c.Adopt()
	c.Close()
	c.Adopt()
	if getg() != 0 && c.owner.Load() != nobody {
		t.Error("a closed cache was adopted")
	}
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers were not released", n)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}
