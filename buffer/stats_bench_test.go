package buffer_test

import (
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// BenchmarkStats takes snapshots of a pool that has live blocks of every class, while each cache has free ones of every class. The
// pool's lock is held nearly all of that time.
func BenchmarkStats(b *testing.B) {
	for _, caches := range []int{0, 1, 8} {
		b.Run(fmt.Sprintf("%d caches", caches), func(b *testing.B) {
			pool := &buffer.Pool{Headroom: -1, Limit: -1}
			sizes := allClasses()
			var all []*buffer.Buf
			for _, n := range sizes {
				all = append(all, pool.Alloc(n))
			}
			for range caches {
				c := pool.NewCache()
				defer c.Close()
				for _, n := range sizes {
					c.Alloc(n).Release()
				}
				c.Publish()
			}
			if n := len(pool.Stats().Classes); n != len(sizes) {
				b.Fatalf("%d classes are in use, want %d", n, len(sizes))
			}
			b.ReportAllocs()
			for b.Loop() {
				pool.Stats()
			}
			for _, o := range all {
				o.Release()
			}
		})
	}
	b.Run("String", func(b *testing.B) {
		pool := &buffer.Pool{Headroom: -1, Limit: -1}
		var all []*buffer.Buf
		for _, n := range allClasses() {
			all = append(all, pool.Alloc(n))
		}
		s := pool.Stats()
		b.ReportAllocs()
		for b.Loop() {
			_ = s.String()
		}
		for _, o := range all {
			o.Release()
		}
	})
}

// allClasses returns the size of each class: four to a doubling, from 64 B to 1 MiB.
func allClasses() []int {
	sizes := []int{64}
	for n := 64; n < 1<<20; n *= 2 {
		sizes = append(sizes, n+n/4, n+n/2, n+n/4*3, 2*n)
	}
	return sizes
}
