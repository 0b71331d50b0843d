package buffer

import (
	"math"
	"testing"
)

// TestLocateHuge finds bytes in a Buf of more than 4 GiB, where the places that views carry wrap around. The views are
// made up: nobody looks at their bytes.
func TestLocateHuge(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("an int has 32 bits")
	}
	const n = 9
	step := 1 << 30
	var b Buf
	var blk block
	for range n {
		b.push(seg{b: &blk, end: uint32(step)})
	}
	for _, i := range []int{0, 1, step - 1, step, 3*step + 5, 8 * step, 9*step - 1} {
		k, at := b.locate(i)
		if k != i/step || at != i%step {
			t.Errorf("locate(%d) = %d, %d", i, k, at)
		}
	}
	if k, at := b.locate(b.size); k != n-1 || at != step {
		t.Errorf("locate(Len) = %d, %d", k, at)
	}
}
