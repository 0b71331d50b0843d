package buffer

import (
	"runtime"
	"testing"
	"unsafe"
)

// TestRecycledBytesAreNoPointers fills memory with addresses of the Go heap that no object has, and lets the pool make
// descriptors there while the collector runs. Its write barrier looks at what is overwritten.
func TestRecycledBytesAreNoPointers(t *testing.T) {
	pool := &Pool{TrimAfter: -1, LeakSample: -1}
	done := make(chan bool)
	go func() {
		for {
			select {
			case <-done:
				return
			default:
				runtime.GC()
			}
		}
	}()
	defer func() {
		done <- true
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}()
	stale := freed()
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		var all []*Buf
		for range 12 {
			b := pool.Alloc(maxBlock - 100)
			p := b.Tail(maxBlock - 100)
			for i := 0; i+8 <= len(p); i += int(unsafe.Sizeof(stale)) {
				*(*uintptr)(unsafe.Pointer(&p[i])) = stale
			}
			all = append(all, b)
		}
		release := func() {
			for _, b := range all {
				b.Release()
			}
			all = all[:0]
			pool.mu.Lock()
			pool.shared.shed()
			pool.dissolve(0)
			pool.mu.Unlock()
		}
		release()
		for n := 100; n < 100_000; n += n / 3 {
			for range 100 {
				all = append(all, pool.Alloc(n))
			}
		}
		release()
	}
}

// freed returns an address in the Go heap where no object is.
func freed() uintptr {
	object := make([]byte, 1<<20)
	at := uintptr(unsafe.Pointer(&object[1<<19])) &^ 7
	runtime.KeepAlive(object)
	runtime.GC()
	runtime.GC()
	return at
}
