package harness

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// RSS returns the resident bytes of a process. smaps_rollup is exact, while
// VmRSS may lag behind by the kernel's per-CPU counters.
func RSS(pid int) (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "Rss:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("no Rss of process %d", pid)
}

// Descriptors counts the open files of a process.
func Descriptors(pid int) int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(entries)
}

// MiB writes bytes as MiB.
func MiB(bytes int64) string { return fmt.Sprintf("%.1f", float64(bytes)/(1<<20)) }
