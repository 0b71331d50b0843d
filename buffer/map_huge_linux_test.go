//go:build amd64 || arm64

package buffer_test

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
)

// Files whose pages are larger than those of the processor cannot be unmapped in parts: they are refused.
func TestMapHugePages(t *testing.T) {
	fd, err := unix.MemfdCreate("huge", unix.MFD_HUGETLB|unix.MFD_CLOEXEC)
	if err != nil {
		t.Logf("this kernel has no such files: %v", err)
		return
	}
	f := os.NewFile(uintptr(fd), "huge")
	defer f.Close()
	if err := f.Truncate(2 << 20); err != nil {
		t.Fatal(err)
	}
	if _, err := mapPool(t).Map(f, 0, 1<<20); !errors.Is(err, buffer.ErrNotRegular) {
		t.Errorf("Map: %v, want ErrNotRegular", err)
	}
}
