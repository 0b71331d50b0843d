package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// transfer is a way to fetch files.
type transfer struct {
	title, file string
	size        int64
	count       int // requests in a round
}

var transfers = []transfer{
	{"Files: 1 GiB, warm", "large", 1 << 30, 3},
	{"Files: 64 KiB, kept connection", "small", 64 << 10, 6000},
}

// copying is the server that all others are compared with here.
const copying = "c read+write"

// files measures the CPU of sending files: ropewalk beside sendfile and a
// copying loop in C.
func (b *bench) files() error {
	dir, err := os.MkdirTemp(b.fileDir, "ropewalk-files-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.report.Logf("  making files in %s", dir)
	for _, t := range transfers {
		if err := harness.MakeFile(filepath.Join(dir, t.file), t.size); err != nil {
			return err
		}
	}
	kinds := b.verifiedFiles(dir, b.fileKinds(dir))
	for _, t := range transfers {
		b.report.Logf("  %s", t.title)
		all, err := harness.Rounds(b.ctx, b.report.Logf, kinds, b.rounds, func(s *server) (*fileResult, error) {
			return b.fetch(s, t)
		})
		if err != nil {
			return err
		}
		b.report.Add(fileTable(t.title, all))
		harness.Keep(&b.report, "files", t.file, all)
	}
	return nil
}

func (b *bench) fileKinds(dir string) []kind {
	send := []string{b.Bin("c-files"), "-root", dir, "-mode", "sendfile"}
	all := []kind{
		{Name: copying, Argv: []string{b.Bin("c-files"), "-root", dir, "-mode", "readwrite"}},
		{Name: floor, Argv: send},
		{Name: floorAgain, Argv: send},
	}
	return append(all, shipped(b.chosen(b.ropewalk("files", "-root", dir)))...)
}

// verifiedFiles keeps the servers that send every byte right.
func (b *bench) verifiedFiles(dir string, kinds []kind) []kind {
	var good []kind
	for _, k := range b.present(kinds) {
		if err := b.verifyFiles(dir, k); err != nil {
			b.report.Fail("%s: wrong answers (files), so it is not timed: %v", k.Name, err)
			continue
		}
		good = append(good, k)
	}
	return good
}

// verifyFiles compares pipelined answers with the files, and wants an error
// for a file that is not there.
func (b *bench) verifyFiles(dir string, k kind) error {
	s, err := b.start(k)
	if err != nil {
		return err
	}
	defer s.Stop()
	for _, t := range transfers {
		t.count = min(int(2<<30/t.size), 100)
		if _, err := b.fetch(s, t, "-d", "3", "-verify", "-local", filepath.Join(dir, t.file)); err != nil {
			return err
		}
	}
	_, err = b.fetch(s, transfer{file: "missing", count: 1})
	if err == nil || !strings.Contains(err.Error(), "the server says: ERR") {
		return fmt.Errorf("no ERR for a file that is not there: %v", err)
	}
	return nil
}

func (b *bench) fetch(s *server, t transfer, extra ...string) (*fileResult, error) {
	r := new(fileResult)
	args := append([]string{"-m", "file", "-path", t.file, "-k", strconv.Itoa(t.count)}, extra...)
	return r, b.load(s, time.Minute, r, args...)
}
