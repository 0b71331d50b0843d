//go:build linux && (amd64 || arm64)

package buffer_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// TestMapLarge: more than a view can show, and a hole in the file.
func TestMapLarge(t *testing.T) {
	const size = 8 << 30
	p := mapPool(t)
	f := fileOf(t, nil)
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{0, 1<<30 - 1, 1 << 30, 5<<30 + 7, size - 1} {
		if _, err := f.WriteAt([]byte{byte(at>>30 + 1)}, at); err != nil {
			t.Fatal(err)
		}
	}
	b := mapOf(t, p, f, 3, size-3)
	for _, at := range []int{1<<30 - 1, 1 << 30, 5<<30 + 7, size - 1} {
		if b.At(at-3) != byte(at>>30+1) {
			t.Errorf("byte %d is %d", at, b.At(at-3))
		}
	}
	tail := b.Slice(b.Len()-10, b.Len())
	if err := f.Truncate(6 << 30); err != nil {
		t.Fatal(err)
	}
	head := b.Split(6<<30 - 3)
	if b.At(0) != 0 || b.Err() == nil || tail.Err() == nil || head.Err() != nil || head.At(5<<30+4) != 6 {
		t.Errorf("cut to 6 GiB: %v, %v, %v", b.Err(), tail.Err(), head.Err())
	}
	b.Release()
	head.Release()
	if n := buffer.Maps(); n != 1 {
		t.Errorf("%d mappings while there is one view", n)
	}
	tail.Release()
}
