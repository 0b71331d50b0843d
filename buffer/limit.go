package buffer

import (
	"io/fs"
	"math"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// unknownMemory is what the process may have where the system does not tell.
const unknownMemory = 8 << 30

// DefaultLimit returns the limit of pools whose Limit is zero: half of the memory that this process may have, which is that
// of the machine or that of its control group, whichever is less (cgroups(7), versions 1 and 2). If the Go heap has a
// limit of its own (GOMEMLIMIT, debug.SetMemoryLimit), the pool gets no more than what that leaves, but an eighth
// at least. Where the system does not tell how much memory there is, 8 GiB are assumed.
func DefaultLimit() int64 {
	return share(systemMemory(), groupMemory(os.DirFS("/")), debug.SetMemoryLimit(-1))
}

// share is the arithmetic of DefaultLimit. Zero and negative mean that a number is not known.
func share(machine, group, goHeap int64) int64 {
	total := int64(math.MaxInt64)
	for _, n := range []int64{machine, group} {
		if n > 0 {
			total = min(total, n)
		}
	}
	if total == math.MaxInt64 {
		total = unknownMemory
	}
	n := total / 2
	if goHeap > 0 && goHeap < total {
		n = min(n, max(total-goHeap, total/8))
	}
	return n
}

// groupMemory returns the memory limit of this process's control group, or of the tightest group above it: 0 if there is
// none. root is the file system.
func groupMemory(root fs.FS) int64 {
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	least := int64(0)
	for _, line := range strings.Split(string(groups), "\n") {
		// "hierarchy:controllers:path"; version 2 has hierarchy 0 and no controllers.
		f := strings.SplitN(line, ":", 3)
		if len(f) != 3 {
			continue
		}
		mount, file := "sys/fs/cgroup", "memory.max"
		if slices.Contains(strings.Split(f[1], ","), "memory") {
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		} else if f[0] != "0" || f[1] != "" {
			continue
		}
		for dir := path.Clean("/" + f[2]); ; dir = path.Dir(dir) {
			text, err := fs.ReadFile(root, path.Join(mount, dir, file))
			if err == nil { // inside a container only the innermost may be visible, at the mount's root
				n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is none
				if err == nil && n > 0 && (least == 0 || n < least) {
					least = n
				}
			}
			if dir == "/" {
				break
			}
		}
	}
	return least
}

// marks returns where pressure begins and ends. Between high and limit is what those need who go on while others
// wait.
func marks(limit int64) (high, low int64) {
	if limit == math.MaxInt64 {
		return limit, limit
	}
	return limit - limit/4, limit / 2
}

// use notes that n more bytes of blocks are in use, by buffers or in the stock of a loop. The caller holds mu.
func (p *Pool) use(n int64) {
	p.used += n
	switch {
	case n > 0 && p.used > p.high && !p.pressed.Load():
		p.books.pressures++
		p.pressed.Store(true)
		p.callCaches(trimAll)
	case n < 0 && p.used < p.low && p.pressed.Load():
		p.pressed.Store(false)
	}
}

// Pressed tells whether the pool is short of memory: more than three quarters of Limit were in use, and since then it has
// not been less than a half. Event loops do not read meanwhile, see package channel. Any goroutine may call it; it costs
// as much as reading a variable.
func (p *Pool) Pressed() bool { return p.pressed.Load() }
