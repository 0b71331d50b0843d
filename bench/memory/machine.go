package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// machine says what the figures were measured on.
func machine() string {
	var u unix.Utsname
	unix.Uname(&u)
	return fmt.Sprintf("%s, %d CPUs, Linux %s, %s", field("/proc/cpuinfo", "model name"), runtime.NumCPU(),
		unix.ByteSliceToString(u.Release[:]), runtime.Version())
}

// available returns how many bytes of memory new programs may use.
func available() int64 { return kib(field("/proc/meminfo", "MemAvailable")) }

// rss returns how many bytes of a process are resident.
func rss(pid int) int64 { return kib(field(fmt.Sprintf("/proc/%d/status", pid), "VmRSS")) }

// field returns a value from a file of "name: value" lines.
func field(file, name string) string {
	data, _ := os.ReadFile(file)
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// kib reads a size as /proc writes it: "1234 kB".
func kib(s string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSuffix(s, " kB"), 10, 64)
	return n << 10
}
