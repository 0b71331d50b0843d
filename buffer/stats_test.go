package buffer_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// checkBooks checks what is true of every snapshot of a Pool, also of one that is taken while loops are running.
func checkBooks(t *testing.T, s buffer.Stats) {
	t.Helper()
	live, cached, blocks := s.LargeBytes, int64(0), s.LargeBytes
	for _, c := range s.Classes {
		if c.Live < 0 || c.Cached < 0 || c.Free < 0 || c.Blocks != c.Live+c.Cached+c.Free {
			t.Errorf("class of %d: %d live, %d cached and %d free are not %d blocks", c.Size, c.Live, c.Cached, c.Free, c.Blocks)
		}
		if c.Chunks <= 0 || c.Blocks < c.Chunks {
			t.Errorf("class of %d: %d blocks in %d chunks", c.Size, c.Blocks, c.Chunks)
		}
		live += int64(c.Live) * int64(c.Size)
		cached += int64(c.Cached) * int64(c.Size)
		blocks += int64(c.Blocks) * int64(c.Size)
	}
	if s.Live != live {
		t.Errorf("%d bytes are live, but %d of the classes and large blocks", s.Live, live)
	}
	if s.Cached != cached {
		t.Errorf("%d bytes are cached, but %d of the classes", s.Cached, cached)
	}
	if s.Held < blocks || s.Held < s.Live+s.Cached+s.Idle || s.Idle < 0 {
		t.Errorf("%d bytes are held, with %d in blocks, %d live, %d cached, %d idle", s.Held, blocks, s.Live, s.Cached, s.Idle)
	}
	if s.Held > s.Peak || s.Held > s.Limit {
		t.Errorf("%d bytes are held, peak %d, limit %d", s.Held, s.Peak, s.Limit)
	}
	if !slices.IsSortedFunc(s.Classes, func(a, b buffer.ClassStats) int { return a.Size - b.Size }) {
		t.Errorf("classes are not in the order of their sizes: %v", s.Classes)
	}
}

// checkGrown checks that nothing that is counted became less.
func checkGrown(t *testing.T, was, is buffer.Stats) {
	t.Helper()
	for _, c := range []struct {
		name    string
		was, is uint64
	}{
		{"Peak", uint64(was.Peak), uint64(is.Peak)},
		{"HandlesMade", was.HandlesMade, is.HandlesMade},
		{"Refills", was.Refills, is.Refills},
		{"Copied", uint64(was.Copied), uint64(is.Copied)},
		{"Pressures", was.Pressures, is.Pressures},
		{"Refused", was.Refused, is.Refused},
		{"Trims", was.Trims, is.Trims},
		{"Trimmed", uint64(was.Trimmed), uint64(is.Trimmed)},
		{"Leaks", was.Leaks, is.Leaks},
	} {
		if c.is < c.was {
			t.Errorf("%s was %d and is %d", c.name, c.was, c.is)
		}
	}
}

// A ledger counts what the workers of TestBooks do, and is where they leave buffers for each other.
type ledger struct {
	live, made atomic.Int64
	mu         sync.Mutex
	left       []*buffer.Buf
}

// A worker does random things with buffers, on a goroutine of its own.
type worker struct {
	*ledger
	rand  *rand.Rand
	from  buffer.Allocator
	cache *buffer.Cache // nil if it is no loop
	own   []*buffer.Buf
}

func (w *worker) keep(b *buffer.Buf) {
	w.live.Add(1)
	w.made.Add(1)
	w.own = append(w.own, b)
}

// remove takes a random buffer out of own, which is not empty.
func (w *worker) remove() *buffer.Buf {
	i, last := w.rand.IntN(len(w.own)), len(w.own)-1
	b := w.own[i]
	w.own[i] = w.own[last]
	w.own = w.own[:last]
	return b
}

func (w *worker) alloc() {
	n := w.rand.IntN(2 << w.rand.IntN(17)) // all orders of magnitude alike
	if w.rand.IntN(200) == 0 {
		n = 1<<20 + w.rand.IntN(1<<20) // a mapping of its own
	}
	b := w.from.Alloc(n)
	b.PutZero(n)
	w.keep(b)
}

func (w *worker) receive() {
	room, err := w.cache.ReceiveRoom()
	if err != nil {
		panic(err)
	}
	w.keep(w.cache.Received(1 + w.rand.IntN(len(room))))
}

func (w *worker) step() {
	if w.cache != nil && w.rand.IntN(100) == 0 {
		w.cache.Publish()
	}
	switch op := w.rand.IntN(10); {
	case op == 0 && w.cache != nil:
		w.receive()
		return
	case op == 1:
		w.mu.Lock()
		defer w.mu.Unlock()
		if n := len(w.left); n > 0 {
			w.own = append(w.own, w.left[n-1])
			w.left = w.left[:n-1]
		}
		return
	case op <= 3 || len(w.own) == 0:
		w.alloc()
		return
	case op == 4:
		b := w.own[w.rand.IntN(len(w.own))]
		i := w.rand.IntN(b.Len() + 1)
		w.keep(b.Slice(i, i+w.rand.IntN(b.Len()-i+1)))
		return
	case op == 5:
		b := w.own[w.rand.IntN(len(w.own))]
		w.keep(b.Split(w.rand.IntN(b.Len() + 1)))
		return
	}
	b := w.remove()
	switch {
	case w.rand.IntN(4) == 0:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.left = append(w.left, b)
	case w.rand.IntN(4) == 0 && len(w.own) > 0 && len(w.own) < 100:
		w.own[0].Append(b)
		w.live.Add(-1)
	default:
		b.Release()
		w.live.Add(-1)
	}
}

// run does some steps each time that it is told so, and then says that it rests.
func (w *worker) run(turns <-chan int, rests *sync.WaitGroup) {
	for steps := range turns {
		for range steps {
			w.step()
		}
		if w.cache != nil {
			w.cache.Publish()
		}
		rests.Done()
	}
}

// TestBooks lets loops and other goroutines share and pass on buffers while snapshots are taken, and compares the books with a
// count of its own whenever all of them rest.
func TestBooks(t *testing.T) {
	for name, sample := range map[string]int{"sampled": 0, "all watched": 1, "unwatched": -1} {
		t.Run(name, func(t *testing.T) { testBooks(t, sample) })
	}
}

func testBooks(t *testing.T, sample int) {
	const (
		loops, others = 3, 2
		rounds, steps = 10, 500
	)
	pool := &buffer.Pool{LeakSample: sample, TrimAfter: -1}
	buffertest.NoLeaks(t, pool)
	last := pool.Stats()
	if pool.Checked { // by the environment
		sample = 1
	}

	var model ledger
	var rests, ended sync.WaitGroup
	turns := make(chan int) // whoever is free takes one: not one each, which makes the loops uneven
	for i := range loops + others {
		ended.Go(func() {
			w := &worker{ledger: &model, rand: rand.New(rand.NewPCG(1, uint64(i))), from: pool}
			if i < loops {
				w.cache = pool.NewCache()
				w.from = w.cache
				defer w.cache.Close()
			}
			w.run(turns, &rests)
			for _, b := range w.own {
				b.Release()
				w.live.Add(-1)
			}
		})
	}

	for range rounds {
		rests.Add(loops + others)
		resting := make(chan struct{})
		go func() {
			for range loops + others {
				turns <- steps
			}
			rests.Wait()
			close(resting)
		}()
		for running := true; running; {
			select {
			case <-resting:
				running = false
			default:
			}
			s := pool.Stats()
			checkBooks(t, s)
			checkGrown(t, last, s)
			last = s
		}
		if int64(last.Handles) != model.live.Load() || int64(last.HandlesMade) != model.made.Load() {
			t.Errorf("%d of %d handles are live, want %d of %d", last.Handles, last.HandlesMade, model.live.Load(), model.made.Load())
		}
		if last.Handles != pool.Live() || last.Held != pool.Held() || last.Copied != pool.Copied() {
			t.Errorf("%d handles, %d held, %d copied: not what Live, Held and Copied say", last.Handles, last.Held, last.Copied)
		}
		if sample == 1 && last.Watched != last.Handles || sample < 0 && last.Watched != 0 {
			t.Errorf("%d of %d handles are watched", last.Watched, last.Handles)
		}
	}
	close(turns)
	ended.Wait()
	for _, b := range model.left {
		b.Release()
		model.live.Add(-1)
	}
	if n := model.live.Load(); n != 0 {
		t.Fatalf("the model has %d handles at the end", n)
	}
	checkGone(t, pool, last)
}

// checkGone checks the books of a pool of which nothing is in use.
func checkGone(t *testing.T, pool *buffer.Pool, was buffer.Stats) {
	t.Helper()
	s := pool.Stats()
	checkBooks(t, s)
	checkGrown(t, was, s)
	if s.Handles != 0 || s.Live != 0 || s.Large != 0 || s.LargeBytes != 0 || s.Watched != 0 || s.Leaks != 0 {
		t.Errorf("something is in use after all was released:\n%v", s)
	}
	if s.Cached == 0 && s.Idle != s.Held { // a block in stock keeps its chunk
		t.Errorf("%d of %d bytes are idle, want all", s.Idle, s.Held)
	}
	trims, n := s.Trims, pool.Trim()
	if n != s.Held {
		t.Errorf("Trim has given back %d of %d bytes", n, s.Held)
	}
	s = pool.Stats()
	if s.Held != 0 || s.Idle != 0 || len(s.Classes) != 0 || s.Trimmed < n || n > 0 && s.Trims == trims {
		t.Errorf("after Trim, which has given back %d bytes:\n%v", n, s)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}

// TestClassBooks counts the blocks of one class, in a cache and without one.
func TestClassBooks(t *testing.T) {
	const size, count = 1024, 100
	pool := &buffer.Pool{Headroom: -1, TrimAfter: -1}
	c := pool.NewCache()
	if pool.Checked { // by the environment: then there are no classes
		c.Close()
		return
	}
	for name, from := range map[string]buffer.Allocator{"Pool": pool, "Cache": c} {
		var all []*buffer.Buf
		for i := range count {
			all = append(all, from.Alloc(size))
			c.Publish()
			s := pool.Stats()
			checkBooks(t, s)
			if len(s.Classes) != 1 || s.Classes[0].Size != size || s.Classes[0].Live != i+1 || s.Live != int64(i+1)*size {
				t.Fatalf("%s: %d bytes are live, classes %+v, want %d blocks of %d", name, s.Live, s.Classes, i+1, size)
			}
		}
		for _, b := range all {
			b.PutZero(10)
			b.Slice(2, 5).Release() // a view of the same block
		}
		c.Publish()
		if s := pool.Stats(); s.Live != count*size {
			t.Errorf("%s: %d bytes are live after slices, want %d", name, s.Live, count*size)
		}
		for _, b := range all {
			b.Release()
		}
		c.Publish()
		if s := pool.Stats(); s.Live != 0 || s.Handles != 0 {
			t.Errorf("%s: %d bytes and %d handles are live after release", name, s.Live, s.Handles)
		}
	}
	s := pool.Stats()
	if s.Refills == 0 {
		t.Error("a cache got blocks without a refill")
	}
	c.Close()
	checkGone(t, pool, s)
}

// TestTrimCaches looks at a loop that goes on: what it caches comes back in two steps.
func TestTrimCaches(t *testing.T) {
	pool := &buffer.Pool{TrimAfter: -1}
	c := pool.NewCache()
	for n := 1; n <= 1<<20; n *= 2 {
		c.Alloc(n).Release()
	}
	if _, err := c.ReceiveRoom(); err != nil {
		t.Fatal(err)
	}
	c.Publish()
	pool.Trim()
	s := pool.Stats()
	checkBooks(t, s)
	if s.Cached == 0 && !pool.Checked { // also where goroutines cannot be told apart: a refill is of several blocks
		t.Error("nothing is cached")
	}
	c.Trim() // as OnTrim would have it done
	if s = pool.Stats(); s.Live != 0 || s.Cached != 0 {
		t.Errorf("%d bytes are live and %d cached after Cache.Trim", s.Live, s.Cached)
	}
	c.Close()
	checkGone(t, pool, s)
}

// TestRefused counts the allocations that fail, of every kind of block.
func TestRefused(t *testing.T) {
	for _, n := range []int{64, 1000, 4096, 64 << 10, 1 << 20, 3 << 20} {
		pool := &buffer.Pool{Limit: 4 << 20, Headroom: -1, TrimAfter: -1}
		c := pool.NewCache()
		var all []*buffer.Buf
		for {
			b, err := pool.TryAlloc(n)
			if err != nil {
				break
			}
			all = append(all, b)
		}
		if s := pool.Stats(); s.Refused != 1 {
			t.Errorf("blocks of %d: %d allocations were refused, want 1", n, s.Refused)
		}
		was := pool.Stats().Refused
		all[0].PutZero(n)
		for range 5 {
			pool.TryAlloc(n)
			c.TryAlloc(n)
			all[0].TryTail(n + 1)
		}
		s := pool.Stats()
		checkBooks(t, s)
		if got := s.Refused - was; got != 15 {
			t.Errorf("blocks of %d: %d more allocations were refused, want 15", n, got)
		}
		c.Close()
		for _, b := range all {
			b.Release()
		}
		checkGone(t, pool, s)
	}
}

// TestRefusedHuge is about sizes that no pool has.
func TestRefusedHuge(t *testing.T) {
	pool := &buffer.Pool{Limit: -1}
	for _, n := range []int{math.MaxInt, math.MaxInt - buffer.DefaultHeadroom} {
		if _, err := pool.TryAlloc(n); err != buffer.ErrLimit {
			t.Fatalf("TryAlloc(%d): %v", n, err)
		}
	}
	if s := pool.Stats(); s.Refused != 2 || s.Held != 0 || s.Handles != 0 {
		t.Errorf("%d allocations were refused, want 2; %d bytes are held, %d handles live", s.Refused, s.Held, s.Handles)
	}
}

// TestPressedBooks fills and empties a small pool twice.
func TestPressedBooks(t *testing.T) {
	const limit, block = 4 << 20, 64 << 10
	pool := &buffer.Pool{Limit: limit, Headroom: -1, TrimAfter: -1}
	check := func(live int, pressed bool, pressures uint64) {
		t.Helper()
		s := pool.Stats()
		checkBooks(t, s)
		if s.Live != int64(live)*block || s.Pressed != pressed || pool.Pressed() != pressed || s.Pressures != pressures {
			t.Fatalf("%d of %d bytes are live: pressed %t and %t for time %d, want %t for time %d",
				s.Live, limit, s.Pressed, pool.Pressed(), s.Pressures, pressed, pressures)
		}
	}
	const (
		begins = limit*3/4/block + 1 // more than three quarters
		ends   = limit/2/block - 1   // less than a half
	)
	var all []*buffer.Buf
	var s buffer.Stats
	for round := range uint64(2) {
		for len(all) < begins {
			check(len(all), false, round)
			all = append(all, pool.Alloc(block))
		}
		for len(all) > ends {
			check(len(all), true, round+1)
			s = pool.Stats()
			all[len(all)-1].Release()
			all = all[:len(all)-1]
		}
		check(len(all), false, round+1)
	}
	for _, b := range all {
		b.Release()
	}
	if s.Refused != 0 {
		t.Errorf("%d allocations were refused below the limit", s.Refused)
	}
	checkGone(t, pool, s)
}

// TestHeapBooks looks at a heap, which has no classes and keeps nothing.
func TestHeapBooks(t *testing.T) {
	heap := &buffer.Heap{Limit: 1 << 20, Headroom: -1}
	var all []*buffer.Buf
	for _, n := range []int{100, 1000, 3000, 500_000, 400_000} {
		all = append(all, heap.Alloc(n))
	}
	if _, err := heap.TryAlloc(1 << 20); err != buffer.ErrLimit {
		t.Fatalf("TryAlloc beyond the limit: %v", err)
	}
	s := heap.Stats()
	if s.Limit != 1<<20 || s.Held < 904_100 || s.Live != s.Held || s.Peak != s.Held || s.Cached != 0 || s.Idle != 0 ||
		s.Handles != 5 || s.HandlesMade != 6 || s.Refused != 1 || !s.Pressed || s.Pressures != 1 || s.Large != 0 || len(s.Classes) != 0 {
		t.Errorf("with 5 buffers in use:\n%v", s)
	}
	peak := s.Peak
	for _, b := range all {
		b.Release()
	}
	s = heap.Stats()
	if s.Held != 0 || s.Live != 0 || s.Handles != 0 || s.Pressed || s.Peak != peak {
		t.Errorf("after all was released:\n%v", s)
	}
}

// TestNoLimit has neither pressure nor refusals.
func TestNoLimit(t *testing.T) {
	pool := &buffer.Pool{Limit: -1}
	b := pool.Alloc(64 << 20)
	s := pool.Stats()
	checkBooks(t, s)
	if s.Limit != math.MaxInt64 || s.Pressed || s.Large != 1 || s.LargeBytes != s.Live {
		t.Errorf("limit %d, pressed %t, %d large blocks of %d bytes, %d live", s.Limit, s.Pressed, s.Large, s.LargeBytes, s.Live)
	}
	b.Release()
	checkGone(t, pool, s)
}
