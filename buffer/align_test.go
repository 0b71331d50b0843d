package buffer_test

import (
	"fmt"
	"math"
	"testing"
	"unsafe"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

func TestAligned(t *testing.T) {
	pool, heap := buffertest.Pool(t), new(buffer.Heap)
	buffertest.NoLeaks(t, heap)
	c := pool.NewCache()
	defer c.Close()
	for name, a := range map[string]interface {
		TryAllocAligned(n, align int) (*buffer.Buf, error)
	}{"Pool": pool, "Cache": c, "Heap": heap} {
		for _, n := range []int{0, 1, 511, 512, 513, 4096, 4097, 5000, 9000, 65536, 100_000, 1 << 20, 1<<20 + 1, 5 << 20} {
			for align := 1; align <= 4096; align *= 2 {
				var all []*buffer.Buf
				for range 5 {
					b, err := a.TryAllocAligned(n, align)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, b)
					room := b.Tail(max(n, 1))
					if at := uintptr(unsafe.Pointer(&room[0])); at%uintptr(align) != 0 {
						t.Errorf("%s: %d bytes aligned to %d begin at %#x", name, n, align, at)
					}
					clear(room[:n])
					b.Commit(n)
					if b.Segments() > 1 || b.Len() != n {
						t.Errorf("%s: %d bytes aligned to %d: %v", name, n, align, b)
					}
				}
				for _, b := range all {
					b.Release()
				}
			}
		}
	}
	for _, align := range []int{0, -1, 3, 8192} {
		if said := panics(func() { pool.TryAllocAligned(10, align) }); said != fmt.Sprintf("buffer: TryAllocAligned(10, %d)", align) {
			t.Errorf("alignment of %d: %s", align, said)
		}
	}
	if _, err := pool.TryAllocAligned(math.MaxInt, 512); err != buffer.ErrLimit {
		t.Errorf("all bytes there are: %v", err)
	}
}

// panics returns what f panics with.
func panics(f func()) (said string) {
	defer func() { said = fmt.Sprint(recover()) }()
	f()
	return ""
}
