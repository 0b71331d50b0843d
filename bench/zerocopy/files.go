package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// callsOf is where the raw figures have the system calls of a request, by row.
const callsOf = "system calls of a request"

// makeFiles makes the files of some sizes in a folder of their own.
func (l *lab) makeFiles(sizes []size) (string, error) {
	dir, err := os.MkdirTemp(l.dir, "ropewalk-zerocopy-")
	if err != nil {
		return "", err
	}
	l.report.Logf("  making files in %s", dir)
	for _, s := range append([]size{{name: "ready", bytes: 1}}, sizes...) { // the first one is for c/fetch.c
		sum, err := makeFile(filepath.Join(dir, s.name), s.bytes)
		if err != nil {
			os.RemoveAll(dir)
			return "", err
		}
		l.hashes[s.name] = sum
	}
	return dir, nil
}

// files sends each file by each way.
func (l *lab) files() error {
	root, err := l.makeFiles(l.sizes)
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	l.report.Logf("  comparing what arrives")
	kinds := l.verified(root)
	cells, err := l.cells(root, kinds)
	if err != nil {
		return err
	}
	for _, c := range cells {
		t := c.costTable(fmt.Sprintf("A file of %s", c), copying, l.copies)
		for _, w := range l.selected() {
			if why := l.absent[w.row]; why != "" {
				t.Note("%s: cannot work here: %s", w.row, why)
			}
		}
		c.noteCache(t)
		c.noteUnsettled(t)
		l.report.Add(t)
		harness.Keep(&l.report, "files", c.String(), c.all)
		l.report.Runs = append(l.report.Runs, harness.Runs{Experiment: "files", Cell: c.String(), Server: callsOf, Rounds: c.calls})
	}
	l.hashTable(kinds)
	l.noticeTable()
	l.textbook(cells)
	l.fileGoals(cells)
	return nil
}

// cells measures all sizes with the page cache in all states. The senders run all the time, and wait when they have nothing to
// do.
func (l *lab) cells(root string, kinds []kind) ([]*cell, error) {
	var servers []*server
	defer func() {
		for _, s := range servers {
			if said := s.End(); strings.HasPrefix(said, "notices ") {
				l.notices[s.Name] = said
			}
		}
	}()
	for _, k := range kinds {
		s, err := harness.Start(context.WithoutCancel(l.ctx), k)
		if err != nil {
			return nil, err
		}
		servers = append(servers, s)
	}
	var cells []*cell
	for _, z := range l.sizes {
		for _, cache := range l.caches {
			c := &cell{size: z, cache: cache}
			l.report.Logf("  %s, %d rounds", c, l.roundsOf(z))
			if err := l.measure(c, servers, filepath.Join(root, z.name)); err != nil {
				return nil, err
			}
			cells = append(cells, c)
		}
	}
	return cells, nil
}

// fileGoals are the promises about File, against a thread that blocks in sendfile. What a loop on epoll costs is told beside.
func (l *lab) fileGoals(cells []*cell) {
	const most = 1.1
	for _, c := range cells {
		if c.cache != "warm" {
			continue
		}
		against := func(row string) (float64, bool) {
			ours, ok := harness.Find(c.all, ourFile)
			floor, ok2 := harness.Find(c.all, row)
			return median(harness.Ratios(ours, floor, (*fetched).cpu)), ok && ok2
		}
		what := fmt.Sprintf("%s: CPU of %s / C sendfile, blocking", c, ourFile)
		got, ok := against(sending)
		if !ok {
			l.report.Goals.NotMeasured(most, "one of them is not there", "%s", what)
			continue
		}
		if loop, ok := against(sendingLoop); ok {
			what += fmt.Sprintf(" (/ C sendfile, epoll: %.2f)", loop)
		}
		l.report.Goals.AtMost(most, got, "%s", what)
	}
}
