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
		{"Reader", func() {
			r := c.Reader(src)
			r.Uint8()
			r.Uint16LE()
			r.Uint24()
			r.Uint64()
			r.Uvarint()
			r.Float64()
			r.Copy(page[:16])
			r.Peek(16)
			r.Next(16)
			r.Skip(100)
			r.Until('\n', 1<<20)
			r.Rollback()
			r.Close()
		}},
		{"Reader, short", func() { // which is no error that anybody makes
			r := c.Reader(big)
			r.Skip(big.Len())
			r.Uint32()
			r.Rollback()
			r.UntilSequence(seq, 1<<20)
			r.Rollback()
			r.Close()
		}},
		{"TakeUntilSequence", func() {
			r := c.Reader(src)
			r.TakeUntilSequence(seq, 1<<20).Release()
			r.Commit()
			r.Repay()
			r.Close()
		}},
		{"Bytes and Peek of pieces", func() {
			b := c.Alloc(0)
			b.Append(big.Slice(0, 1000))
			b.Append(big.Slice(2000, 3000))
			r := c.Reader(b)
			r.Peek(1500)
			r.Close()
			b.Bytes()
			b.Release()
		}},
		{"Copy, Own and Gather", func() {
			b := big.Slice(10, 500)
			b.Own()
			b.Gather(big.Copy(), 1<<20)
			b.Release()
		}},
		{"Reply", func() {
			copy(c.ReplyRoom(100), page)
			c.Replied(100).Release()
		}},
		{"Tail and Commit", func() {
			b := c.Alloc(100)
			copy(b.Tail(200), page)
			b.Commit(100)
			b.Truncate(50)
			b.Release()
		}},
		{"Read and CopyAt", func() {
			b := big.Clone()
			b.Read(page)
			b.CopyAt(page, 100)
			b.WriteAt(page[:10], 5)
			b.Release()
		}},
		{"Chunks", func() {
			for p := range src.Chunks() {
				copy(page, p)
			}
		}},
		{"Publish", func() { c.Publish() }},
	} {
		if n := testing.AllocsPerRun(200, test.run); n != 0 {
			t.Errorf("%s: %v allocations", test.name, n)
		}
	}
	// A mapping of its own is described on the heap.
	if n := testing.AllocsPerRun(200, func() { c.Alloc(2 << 20).Release() }); n > 3 {
		t.Errorf("Alloc of 2 MiB: %v allocations", n)
	}
	// So is what somebody else owns.
	if n := testing.AllocsPerRun(200, func() { buffer.Wrap(c, page, nil).Release() }); n > 1 {
		t.Errorf("Wrap: %v allocations", n)
	}
	// Outside of a driver a reader is made, and left to the collector.
	if n := testing.AllocsPerRun(200, func() {
		r := buffer.NewReader(src)
		r.Take(100).Release()
		r.Close()
	}); n > 1 {
		t.Errorf("NewReader: %v allocations", n)
	}
	// bytebufferpool keeps its memory in a sync.Pool, which the collector may empty at any time.
	if n := testing.AllocsPerRun(200, func() { heap.Alloc(500).Release() }); n > 0.5 {
		t.Errorf("Heap.Alloc: %v allocations", n)
	}
}
