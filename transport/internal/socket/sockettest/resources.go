//go:build linux

package sockettest

import (
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// resources is what a test must give back.
type resources struct {
	goroutines  int
	descriptors int
	rings       int // mappings of io_uring(7)
}

// warm makes package net, and checked mode, open what they keep for ever.
var warm = sync.OnceFunc(func() {
	checked := buffer.Pool{Checked: true}
	checked.Alloc(1).Release()
	checked.Close()
	if ln, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		ln.Close()
	}
})

func inUse() resources {
	r := resources{goroutines: runtime.NumGoroutine()}
	if entries, err := os.ReadDir("/proc/self/fd"); err == nil {
		r.descriptors = len(entries)
	}
	if maps, err := os.ReadFile("/proc/self/maps"); err == nil {
		r.rings = strings.Count(string(maps), "io_uring")
	}
	return r
}

// check fails if more is in use than before, and goes on being so.
func (before resources) check(t testing.TB) {
	t.Helper()
	var now resources
	defer func() {
		if t.Failed() && now != before {
			t.Logf("before the test: %+v, after it: %+v", before, now)
		}
	}()
	Eventually(t, "goroutines, descriptors and mappings of the test to be gone", func() bool {
		now = inUse()
		return now.goroutines <= before.goroutines && now.descriptors <= before.descriptors && now.rings <= before.rings
	})
}
