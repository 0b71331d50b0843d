//go:build unix

package channel

import (
	"os"
	"path/filepath"
	"testing"
)

// Closing a file is left to another goroutine if it is the end of a large one.
func TestFreesMuch(t *testing.T) {
	for _, c := range []struct {
		size    int64
		removed bool
		want    bool
	}{
		{2 * muchToFree, false, false},
		{2 * muchToFree, true, true},
		{muchToFree / 2, true, false},
		{0, true, false},
	} {
		name := filepath.Join(t.TempDir(), "file")
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := f.Truncate(c.size); err != nil {
			t.Fatal(err)
		}
		if c.removed {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		if got := freesMuch(int(f.Fd())); got != c.want {
			t.Errorf("%d bytes, removed %v: %v", c.size, c.removed, got)
		}
	}
	if freesMuch(-1) {
		t.Error("of no descriptor")
	}
}
