//go:build linux && !race

package buffer

import (
	"testing"
	"unsafe"
)

// TestHugePages checks that regions begin where a huge page may, that they count whole, and that they go back whole.
func TestHugePages(t *testing.T) {
	pool := &Pool{HugePages: true, Limit: 3 * regionBytes, TrimAfter: -1}
	var all []*Buf
	for {
		b, err := pool.TryAlloc(300_000)
		if err != nil {
			if err != ErrLimit {
				t.Fatal(err)
			}
			break
		}
		b.PutZero(300_000)
		all = append(all, b)
	}
	if n := int64(len(all)) * 300_000; n < pool.Limit/2 || pool.Held() > pool.Limit {
		t.Errorf("%d bytes in buffers, %d held, at a limit of %d", n, pool.Held(), pool.Limit)
	}
	for _, r := range pool.regions {
		if at := uintptr(unsafe.Pointer(&r.mem[0])); at%hugePage != 0 {
			t.Errorf("a region begins at %#x", at)
		}
	}
	kept := all[0]
	for _, b := range all[1:] {
		b.Release()
	}
	pool.Trim()
	if s := pool.Stats(); s.Held > regionBytes+tagChunk {
		t.Errorf("%d bytes are held for one buffer", s.Held)
	}
	kept.PutUint8(1)
	kept.Release()
	pool.Trim()
	if n := pool.Held(); n != 0 {
		t.Errorf("%d bytes are held for nothing", n)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}
