package buffer_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

type limited interface {
	buffer.Allocator
	buffertest.Counter
	Held() int64
	Close() error
}

// TestLimit fills allocators up to their limit, and checks what can and cannot be done there.
func TestLimit(t *testing.T) {
	const limit = 1 << 20
	for name, a := range map[string]limited{
		"Pool": &buffer.Pool{Limit: limit},
		"Heap": &buffer.Heap{Limit: limit},
	} {
		t.Run(name, func(t *testing.T) {
			buffertest.NoLeaks(t, a)
			for range 3 { // memory is usable again after release
				fillUp(t, a, limit)
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
			if n := a.Held(); n != 0 {
				t.Errorf("%d bytes are held after Close", n)
			}
		})
	}
}

func fillUp(t *testing.T, a limited, limit int64) {
	t.Helper()
	small := a.Alloc(10)
	small.PutString("0123456789")
	var all []*buffer.Buf
	for {
		b, err := a.TryAlloc(5000)
		if err != nil {
			if err != buffer.ErrLimit {
				t.Fatalf("TryAlloc: %v", err)
			}
			break
		}
		all = append(all, b)
	}
	if n := int64(len(all)) * 5000; n < limit*6/10 {
		t.Errorf("%d bytes in buffers at a limit of %d", n, limit)
	}
	if n := a.Held(); n > limit {
		t.Errorf("%d bytes are held at a limit of %d", n, limit)
	}
	if n := a.Live(); n != len(all)+1 {
		t.Errorf("%d handles are live, want %d", n, len(all)+1)
	}
	atLimit := func(what string, f func()) {
		t.Helper()
		defer func() {
			if v := recover(); v != buffer.ErrLimit {
				t.Errorf("%s at the limit: panic with %v", what, v)
			}
		}()
		f()
	}
	atLimit("Alloc", func() { a.Alloc(5000) })
	atLimit("Tail", func() { small.Tail(5000) })
	atLimit("Prepend", func() { small.Prepend(5000) })
	atLimit("Copy", func() { all[0].PutZero(5000); all[0].Copy() })
	if _, err := small.TryTail(5000); err != buffer.ErrLimit {
		t.Errorf("TryTail at the limit: %v", err)
	}
	if _, err := small.ReadFrom(bytes.NewReader(make([]byte, 9000))); err != buffer.ErrLimit {
		t.Errorf("ReadFrom at the limit: %v", err)
	}
	if small.Truncate(10); !small.EqualBytes([]byte("0123456789")) {
		t.Error("bytes changed at the limit")
	}
	if n := a.Live(); n != len(all)+1 {
		t.Errorf("%d handles are live after the failures, want %d", n, len(all)+1)
	}
	small.Release()
	for _, b := range all {
		b.Release()
	}
}

func TestHugeRequests(t *testing.T) {
	pool := buffertest.Pool(t)
	for _, n := range []int{math.MaxInt, math.MaxInt - 10, math.MaxInt32 << (32 * (math.MaxInt >> 62))} {
		if b, err := pool.TryAlloc(n); err != buffer.ErrLimit {
			t.Errorf("TryAlloc(%d): %v, %v", n, b, err)
		}
	}
	b := pool.Alloc(3 << 20) // a mapping of its own
	if held := pool.Held(); held < 3<<20 {
		t.Errorf("%d bytes are held", held)
	}
	b.PutZero(3 << 20)
	if b.Segments() != 1 {
		t.Errorf("%d segments", b.Segments())
	}
	b.Release()
	if held := pool.Held(); held > 1<<20 {
		t.Errorf("%d bytes are held after Release", held)
	}
}

// TestAppendAtLimit checks that a failed Append has consumed its argument all the same.
func TestAppendAtLimit(t *testing.T) {
	heap := &buffer.Heap{Limit: 512, Headroom: -1}
	buffertest.NoLeaks(t, heap)
	a, b := heap.Alloc(64), heap.Alloc(200)
	a.PutZero(64)
	b.PutZero(200)
	func() {
		defer func() {
			if v := recover(); v != buffer.ErrLimit {
				t.Errorf("panic with %v", v)
			}
		}()
		a.Append(b)
	}()
	a.Release()
}
