package main

import (
	"fmt"

	"github.com/ropewalk/ropewalk/bench/internal/web"
)

// files measures files that are in the page cache.
func (b *bench) files() error {
	b.report.Logf("  making files in %s", b.fileDir)
	folder, err := web.NewFolder(b.fileDir, int64(b.largeMiB)<<20)
	if err != nil {
		return err
	}
	defer folder.Remove()
	kinds, absent := b.present("files", b.fileKinds(folder.Path), func(s *server) error { return web.VerifyFiles(s, folder.Sums) })
	goals := []string{"nginx"}
	cells := []cell{
		{name: "64KiB", title: "Files: 64 KiB, 64 connections", load: []string{"-path", "/" + web.SmallFile, "-c", "64"},
			goals: []goal{{0.85, goals}}},
		{name: "64KiB/16", title: "Files: 64 KiB, 16 connections", load: []string{"-path", "/" + web.SmallFile, "-c", "16"}},
		{name: "1GiB", title: fmt.Sprintf("Files: %d MiB, 1 connection", b.largeMiB), load: []string{"-path", "/" + web.LargeFile, "-c", "1", "-k", "3", "-w", "0"},
			goals: []goal{{1.05, goals}}},
	}
	for i := range cells {
		cells[i].unit, cells[i].refs = "request", []string{"nginx", "nethttp"}
		cells[i].load = append([]string{"-m", "http", "-d", "1"}, cells[i].load...)
	}
	return b.matrix("files", kinds, absent, cells)
}
