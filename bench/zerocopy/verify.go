package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// verified starts the sender of each way once, untimed, compares what arrives with the files, and returns the kinds that can do
// it here and do it right.
func (l *lab) verified(root string) []kind {
	var good []kind
	for _, w := range l.selected() {
		if err := l.ctx.Err(); err != nil {
			return nil
		}
		started, err := l.verify(w, root)
		switch {
		case !started:
			l.absent[w.row] = err.Error()
			l.report.Logf("  %s cannot work here: %v", w.row, err)
		case err != nil:
			l.report.Fail("%s: wrong bytes, so it is not timed: %v", w.row, err)
			l.absent[w.row] = "wrong bytes"
		default:
			good = append(good, l.kind(w, root))
		}
	}
	return good
}

// verify tells whether the sender of a way starts, and whether what it sends has the right hash: each file three times on
// one connection, asked for at once; the largest once.
func (l *lab) verify(w way, root string) (started bool, err error) {
	var more []string
	tap := l.Bin("tap")
	if w.mode == "tee" {
		defer os.Remove(tap)
		more = []string{"-tap", tap}
	}
	s, err := harness.Start(l.ctx, l.kind(w, root, more...))
	if err != nil {
		return false, err
	}
	defer s.Stop()
	var names []string
	for _, z := range l.sizes {
		names = append(names, z.name)
		if z.bytes < 1<<28 {
			names = append(names, z.name, z.name)
		}
	}
	if err := l.take(s.Port, root, names); err != nil {
		return true, err
	}
	if more == nil {
		return true, nil
	}
	second, err := os.Open(tap)
	if err != nil {
		return true, err
	}
	defer second.Close()
	if err := l.compare(second, root, names); err != nil {
		return true, fmt.Errorf("the second reader: %w", err)
	}
	return true, nil
}

// take asks for files, all at once, and compares them.
func (l *lab) take(port, root string, names []string) error {
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	for _, name := range names {
		if _, err := io.WriteString(c, name+"\n"); err != nil {
			return err
		}
	}
	return l.compare(c, root, names)
}

// compare reads as many bytes as the files have, and looks at the hash of each.
func (l *lab) compare(r io.Reader, root string, names []string) error {
	buf := make([]byte, 1<<20)
	for i, name := range names {
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil {
			return err
		}
		sum := newXXH64()
		if n, err := io.CopyBuffer(sum, io.LimitReader(r, info.Size()), buf); err != nil || n != info.Size() {
			return fmt.Errorf("file %d, %s: %d of %d bytes, %v", i, name, n, info.Size(), err)
		}
		if got := fmt.Sprintf("%016x", sum.Sum64()); got != l.hashes[name] {
			return fmt.Errorf("file %d, %s: XXH64 %s, want %s", i, name, got, l.hashes[name])
		}
	}
	return nil
}
