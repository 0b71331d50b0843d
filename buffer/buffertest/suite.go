package buffertest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// TestAllocator holds an allocator to what package buffer promises. make is called once for every subtest, on its goroutine,
// and returns the allocator to test: a *buffer.Cache, which is closed at the end, or something with the methods NewCache and
// Live, as *buffer.Pool and *buffer.Heap have them; if it has a method Close() error, that must succeed at the end. One
// allocator must not be used by others meanwhile.
//
// The random tests print their seed when they fail; -run and a fixed seed in the source repeat them.
func TestAllocator(t *testing.T, make func() buffer.Allocator) {
	for _, s := range []struct {
		name string
		run  func(w *world)
	}{
		{"Shapes", testShapes},
		{"Put", testPut},
		{"Random", testRandom},
		{"Shares", testShares},
		{"Receive", testReceive},
		{"Adopt", testAdopt},
		{"IO", testIO},
		{"Panics", testPanics},
		{"Goroutines", testGoroutines},
	} {
		t.Run(s.name, func(t *testing.T) {
			seed := uint64(time.Now().UnixNano())
			defer func() {
				if t.Failed() {
					t.Logf("seed %d", seed)
				}
			}()
			w, end := newWorld(t, make(), rand.New(rand.NewPCG(seed, 1)))
			s.run(w)
			end()
		})
	}
}

// Play makes the random moves that a fuzzer's input encodes, with all that lives compared to its model after each. The
// allocator is as for TestAllocator.
func Play(t testing.TB, alloc buffer.Allocator, input []byte) {
	t.Helper()
	tape := tape(input)
	w, end := newWorld(t, alloc, &tape)
	for n := 0; len(tape) > 0 && n < 500; n++ {
		moves[tape.IntN(len(moves))](w)
		w.verify()
		w.trim()
	}
	end()
}

// PlayReader lets a Reader read data, cut into pieces, in the ways that a fuzzer's input encodes.
func PlayReader(t testing.TB, alloc buffer.Allocator, data, input []byte) {
	t.Helper()
	tape := tape(input)
	w, end := newWorld(t, alloc, &tape)
	w.add(pieces(w, data), data)
	for n := 0; len(tape) > 0 && n < 100; n++ {
		moveCursor(w)
		w.verify()
		moveDrive(w)
		w.verify()
		w.trim()
	}
	end()
}

// newWorld returns an empty world, and what ends it.
func newWorld(t testing.TB, alloc buffer.Allocator, d dice) (*world, func()) {
	w := &world{t: t, dice: d, alloc: alloc, seed: 1}
	switch a := alloc.(type) {
	case *buffer.Cache:
		w.cache, w.pool = a, a.Pool()
	case interface {
		Counter
		NewCache() *buffer.Cache
	}:
		w.cache, w.pool = a.NewCache(), a
	default:
		t.Fatalf("buffertest: cannot test a %T", alloc)
	}
	w.base = w.pool.Live()
	return w, func() {
		w.end()
		w.cache.Close()
		if n := w.pool.Live(); n != w.base {
			w.fail("%d buffers were not released", n-w.base)
		}
		if c, ok := alloc.(interface{ Close() error }); ok {
			if err := c.Close(); err != nil {
				w.fail("Close: %v", err)
			}
		}
	}
}

// testRandom makes random moves.
func testRandom(w *world) {
	n := 4000
	if testing.Short() {
		n = 400
	}
	for range n {
		moves[w.dice.IntN(len(moves))](w)
		w.verify()
		w.trim()
	}
}
