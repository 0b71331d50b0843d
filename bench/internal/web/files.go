package web

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// The files that are served, by names whose type is known, so that nobody looks at the bytes for it.
const (
	SmallFile = "small.bin"
	SmallSize = 64 << 10
	LargeFile = "large.bin"
)

// A Folder is one with the files that are served.
type Folder struct {
	Path string
	Sums map[string][sha256.Size]byte
}

// NewFolder makes a folder in dir with both files, which everybody may read. The caller removes it.
func NewFolder(dir string, large int64) (*Folder, error) {
	root, err := os.MkdirTemp(dir, "ropewalk-web-")
	if err != nil {
		return nil, err
	}
	f := &Folder{Path: root, Sums: map[string][sha256.Size]byte{}}
	if err = f.fill(large); err != nil {
		f.Remove()
		return nil, fmt.Errorf("making files: %w", err)
	}
	return f, nil
}

func (f *Folder) fill(large int64) error {
	if err := os.Chmod(f.Path, 0o755); err != nil { // nginx may run as somebody else
		return err
	}
	for name, size := range map[string]int64{SmallFile: SmallSize, LargeFile: large} {
		path := filepath.Join(f.Path, name)
		err := harness.MakeFile(path, size)
		if err == nil {
			f.Sums[name], err = sumOf(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Remove removes the folder.
func (f *Folder) Remove() { os.RemoveAll(f.Path) }

func sumOf(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
