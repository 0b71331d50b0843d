package static

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// testEntry returns the entry of a file whose content is its path.
func testEntry(t testing.TB, dir, path string) *entry {
	t.Helper()
	name := filepath.Join(dir, path)
	if err := writeFile(name, path); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := channel.WholeFile(f)
	if err != nil {
		t.Fatal(err)
	}
	return newEntry(path, file, stamp{}, octets)
}

// has tells whether a path is in a cache.
func (c *cache) has(path string) bool {
	e, f, _ := c.get([]byte(path), nil)
	if e != nil {
		f.Release()
	}
	return e != nil
}

// A file that nobody asks for is closed after some time, and the cache then rests.
func TestIdle(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(100, time.Minute)
		c.put(testEntry(t, dir, "busy"))
		c.put(testEntry(t, dir, "idle"))
		for range 5 {
			<-time.After(40 * time.Second)
			if !c.has("busy") {
				t.Error("a file that is asked for was closed")
			}
		}
		if n := c.stats(); n.Open != 1 || n.Evicted != 1 {
			t.Errorf("%+v", n)
		}
		<-time.After(2*time.Minute + time.Second)
		if n := c.stats(); n.Open != 0 || n.Evicted != 2 || c.sweeps.Load() {
			t.Errorf("%+v, and sweeps %v", n, c.sweeps.Load())
		}
		c.put(testEntry(t, dir, "later"))
		<-time.After(2*time.Minute + time.Second)
		if n := c.stats(); n.Open != 0 {
			t.Errorf("%+v", n)
		}

		forever := newCache(100, -1)
		forever.put(testEntry(t, dir, "idle"))
		<-time.After(100 * time.Hour)
		if !forever.has("idle") {
			t.Error("closed, although it was to stay")
		}
		forever.close()
	})
}

func TestShards(t *testing.T) {
	for max, want := range map[int]int{-1: 1, 1: 1, 64: 1, 127: 1, 128: 2, 1000: 8, 1024: 16, 1 << 20: 16} {
		if n := len(newCache(max, -1).shards); n != want {
			t.Errorf("%d entries: %d shards, want %d", max, n, want)
		}
	}
	dir := t.TempDir()
	c := newCache(256, -1)
	for i := range 600 {
		c.put(testEntry(t, dir, fmt.Sprint(i)))
		if !c.has(fmt.Sprint(i)) {
			t.Fatal(i)
		}
		if n := c.stats().Open; n > 256 {
			t.Fatalf("%d are open", n)
		}
	}
	if n := c.stats().Open; n < 200 {
		t.Errorf("%d are open", n)
	}
	c.close()
}

// A path that is put twice, as two loops do that miss it at the same time.
func TestPutTwice(t *testing.T) {
	dir := t.TempDir()
	c := newCache(2, -1)
	one, two := testEntry(t, dir, "a"), testEntry(t, dir, "a")
	c.put(one)
	e, f, _ := c.get([]byte("a"), nil)
	c.put(two)
	if e != one || f.Size() != 1 {
		t.Error("the wrong one")
	}
	f.Release()
	c.drop(one) // which is not there any more
	if !c.has("a") || c.stats() != (Stats{Open: 1, Misses: 2, Hits: 1}) {
		t.Errorf("%+v", c.stats())
	}
	c.close()
	c.put(testEntry(t, dir, "b"))
	if c.has("b") || c.stats().Open != 0 {
		t.Error("a closed cache keeps a file")
	}
}

// All at the same time, for the race detector.
func TestCacheConcurrently(t *testing.T) {
	c := newCache(4, time.Millisecond)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 100 {
				path := fmt.Sprint((g + i) % 6)
				e, f, _ := c.get([]byte(path), nil)
				if e == nil {
					c.put(testEntry(t, t.TempDir(), path))
					continue
				}
				var p [1]byte
				if n, err := f.Peek(p[:]); n != 1 || err != nil || string(p[:]) != path {
					t.Errorf("%s: %q, %v", path, p, err)
				}
				f.Release()
				switch i % 50 {
				case 7:
					c.drop(e)
				case 8:
					c.shed()
				case 9:
					c.sweep()
				}
			}
		})
	}
	wg.Wait()
	c.close()
}

// BenchmarkCache is a look-up with a hold on the file, by as many goroutines as there are processors: all of one path, or of
// many.
func BenchmarkCache(b *testing.B) {
	dir := b.TempDir()
	for _, paths := range []int{1, 64} {
		b.Run(fmt.Sprintf("paths=%d", paths), func(b *testing.B) {
			c := newCache(1024, -1)
			defer c.close()
			all := make([][]byte, paths)
			for i := range all {
				all[i] = fmt.Append(nil, "some/path/of/usual/length/", i, ".html")
				e := testEntry(b, dir, fmt.Sprint(i))
				e.path = string(all[i])
				c.put(e)
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					_, f, _ := c.get(all[i%paths], nil)
					f.Release()
				}
			})
		})
	}
}
