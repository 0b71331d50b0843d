package transporttest

import (
	"net"
	"os"
	"runtime"
	"sync"
)

// resources is what a case must give back.
type resources struct {
	goroutines  int
	descriptors int // 0 if the system does not tell
}

var warm sync.Once

// warmUp makes package net open what it keeps for ever.
func warmUp() {
	if ln, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		ln.Close()
	}
}

func resourcesInUse() resources {
	r := resources{goroutines: runtime.NumGoroutine()}
	if entries, err := os.ReadDir("/proc/self/fd"); err == nil {
		r.descriptors = len(entries)
	}
	return r
}

// checkResources fails if more is in use than before, and goes on being so.
func checkResources(w *world, before resources) {
	w.Helper()
	var now resources
	defer func() {
		if w.Failed() && now.goroutines > before.goroutines {
			stacks := make([]byte, 64<<10)
			w.Logf("%s", stacks[:runtime.Stack(stacks, true)])
		}
	}()
	w.eventually("goroutines and descriptors of the case to be gone", func() bool {
		now = resourcesInUse()
		return now.goroutines <= before.goroutines && now.descriptors <= before.descriptors
	})
}
