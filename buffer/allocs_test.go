package buffer_test

import (
	"runtime"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// TestNoAllocations holds the methods of the data path to no allocation of Go memory once their pools are warm.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("caches cannot tell goroutines apart here")
	}
	pool := buffertest.Pool(t)
	c := pool.NewCache()
	defer c.Close()
	heap := new(buffer.Heap)
	buffertest.NoLeaks(t, heap)
	page := make([]byte, 4096)
	big := c.Alloc(8000)
	defer func() { big.Release() }()
	big.PutZero(8000)
	src := c.Alloc(64 << 10)
	defer src.Release()
	src.PutZero(60000)
	src.SetAt(59999, '\n')
	set := buffer.BytesOf("\r\n")
	seq := []byte{0, '\n'}
	var queue buffer.Queue
	var vectors [][]byte

	for _, test := range []struct {
		name string
		run  func()
	}{
		{"Cache.Alloc", func() { c.Alloc(500).Release() }},
		{"Pool.Alloc", func() { pool.Alloc(500).Release() }},
		{"Alloc and Write", func() {
			b := c.Alloc(0)
			b.Write(page)
			b.Release()
		}},
		{"Slice", func() { big.Slice(10, 500).Release() }},
		{"Clone", func() { big.Clone().Release() }},
		{"Split and join", func() {
			head := big.Split(100)
			tail := big.Split(big.Len())
			head.Append(tail)
			big.Release()
			big = head
		}},
		{"Append links", func() {
			b := big.Slice(0, 1000)
			b.Append(big.Slice(2000, 3000))
			b.Append(big.Slice(4000, 5000))
			b.Discard(2500)
			b.Release()
		}},
		{"Take", func() {
			r := c.Reader(src)
			r.Uint32()
			b := r.Take(100)
			r.Commit()
			r.Repay()
			b.PutUint32(1)
			b.Release()
			r.Close()
		}},
		{"TakeUntil", func() {
			r := c.Reader(src)
			r.TakeUntil('\n', 1<<20).Release()
			r.Commit()
			r.Repay()
			r.Close()
		}},
		{"Receive", func() {
			c.ReceiveRoom()
			c.Received(100).Release()
		}},
		{"Queue", func() {
			queue.Push(c, big.Slice(0, 1000))
			queue.Push(c, big.Slice(1000, 2000))
			queue.Push(c, big.Slice(5000, 7000))
			vectors = queue.Vectors(vectors[:0], 64, 1<<20)
			queue.Advance(2500)
			queue.Advance(1500)
		}},
		{"Put, get, set", func() {
			b := c.Alloc(64)
			b.PutUint8(1)
			b.PutUint32(2)
			b.PutUvarint(1 << 40)
			b.PutDecimal(-1234567)
			b.PutString("text")
			b.SetUint16(0, b.Uint16(1))
			b.Release()
		}},
		{"Search and compare", func() {
			src.IndexByte('\n', 0)
			src.Index(seq, 0)
			src.IndexAny(&set, 0)
			src.Compare(big)
			src.HasPrefix(page)
		}},
		{"Parse", func() {
			b := c.Alloc(20)
			b.PutString("12345")
			b.ParseDecimal(0, 5)
			b.Release()
		}},
		{"Prepend", func() {
			b := c.Alloc(20)
			b.Prepend(8)
			b.Prepend(100)
			b.Release()
		}},
		{"Vectors", func() { vectors = big.Vectors(vectors[:0]) }},
	} {
		if n := testing.AllocsPerRun(200, test.run); n != 0 {
			t.Errorf("%s: %v allocations", test.name, n)
		}
	}
	// bytebufferpool keeps its memory in a sync.Pool, which the collector may empty at any time.
	if n := testing.AllocsPerRun(200, func() { heap.Alloc(500).Release() }); n > 0.5 {
		t.Errorf("Heap.Alloc: %v allocations", n)
	}
}
