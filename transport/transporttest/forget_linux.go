package transporttest

import (
	"os"

	"golang.org/x/sys/unix"
)

// forget drops a file from the page cache. Where the file system keeps it there, the case only tests less.
func forget(w *world, path string) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		w.Fatal(err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil { // dirty pages stay
		w.Fatal(err)
	}
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		w.Logf("fadvise: %v", err)
	}
}
