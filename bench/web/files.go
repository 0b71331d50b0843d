package main

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
	smallFile = "small.bin"
	smallSize = 64 << 10
	largeFile = "large.bin"
)

// files measures files that are in the page cache.
func (b *bench) files() error {
	root, err := os.MkdirTemp(b.fileDir, "ropewalk-web-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	if err := os.Chmod(root, 0o755); err != nil { // nginx may run as somebody else
		return err
	}
	b.report.Logf("  making files in %s", root)
	sums := map[string][sha256.Size]byte{}
	for name, size := range map[string]int64{smallFile: smallSize, largeFile: int64(b.largeMiB) << 20} {
		path := filepath.Join(root, name)
		if err := harness.MakeFile(path, size); err != nil {
			return err
		}
		if sums[name], err = sumOf(path); err != nil {
			return err
		}
	}
	kinds, absent := b.present("files", b.fileKinds(root), func(s *server) error { return verifyFiles(s, sums) })
	goals := []string{"nginx"}
	cells := []cell{
		{name: "64KiB", title: "Files: 64 KiB, 64 connections", load: []string{"-path", "/" + smallFile, "-c", "64"},
			goals: []goal{{0.85, goals}}},
		{name: "64KiB/16", title: "Files: 64 KiB, 16 connections", load: []string{"-path", "/" + smallFile, "-c", "16"}},
		{name: "1GiB", title: fmt.Sprintf("Files: %d MiB, 1 connection", b.largeMiB), load: []string{"-path", "/" + largeFile, "-c", "1", "-k", "3", "-w", "0"},
			goals: []goal{{1.05, goals}}},
	}
	for i := range cells {
		cells[i].unit, cells[i].refs = "request", []string{"nginx", "nethttp"}
		cells[i].load = append([]string{"-m", "http", "-d", "1"}, cells[i].load...)
	}
	return b.matrix("files", kinds, absent, cells)
}

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
