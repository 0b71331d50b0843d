package harness

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Counter counts system calls and switches of all threads of a process, in the kernel, by the tracepoint
// raw_syscalls:sys_enter (perf_event_open(2)). That takes a few tens of ns a call and stops nobody, unlike strace.
type Counter struct {
	groups []CallGroup
	calls  []int // descriptors, by thread and group
	switches,
	all []int
}

// A CallGroup is system calls that are counted together.
type CallGroup struct {
	Name    string
	Numbers []int
}

// Counts are what a Counter has seen.
type Counts struct {
	All, Switches float64
	Group         []float64 // in the order of the groups
}

var tracefs = []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}

// tracepoint returns the number of a tracepoint.
func tracepoint(name string) (uint64, error) {
	var errs []error
	for _, dir := range tracefs {
		text, err := os.ReadFile(filepath.Join(dir, "events", name, "id"))
		if err == nil {
			return strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
		}
		errs = append(errs, err)
	}
	return 0, fmt.Errorf("no tracepoint %s (needs root, and: mount -t tracefs none %s): %w", name, tracefs[0], errors.Join(errs...))
}

// Count begins to count for the threads of a process, and those that they start.
func Count(pid int, groups []CallGroup) (*Counter, error) {
	id, err := tracepoint("raw_syscalls/sys_enter")
	if err != nil {
		return nil, err
	}
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil, err
	}
	c := &Counter{groups: groups}
	for _, entry := range threads {
		thread, _ := strconv.Atoi(entry.Name())
		if err := c.follow(thread, id); err != nil {
			c.Close()
			return nil, fmt.Errorf("counting the calls of %d: %w", thread, err)
		}
	}
	return c, nil
}

func (c *Counter) follow(thread int, id uint64) error {
	fd, err := openEvent(thread, unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_CONTEXT_SWITCHES, "")
	if err != nil {
		return err
	}
	c.switches = append(c.switches, fd)
	if fd, err = openEvent(thread, unix.PERF_TYPE_TRACEPOINT, id, ""); err != nil {
		return err
	}
	c.all = append(c.all, fd)
	for _, g := range c.groups {
		if fd, err = openEvent(thread, unix.PERF_TYPE_TRACEPOINT, id, g.filter()); err != nil {
			return err
		}
		c.calls = append(c.calls, fd)
	}
	return nil
}

// filter selects the calls of a group.
func (g CallGroup) filter() string {
	var terms []string
	for _, n := range g.Numbers {
		terms = append(terms, fmt.Sprintf("id == %d", n))
	}
	return strings.Join(terms, " || ")
}

func openEvent(thread int, kind uint32, config uint64, filter string) (int, error) {
	attr := unix.PerfEventAttr{Type: kind, Config: config, Bits: unix.PerfBitInherit | unix.PerfBitDisabled}
	attr.Size = uint32(unsafe.Sizeof(attr))
	fd, err := unix.PerfEventOpen(&attr, thread, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return -1, err
	}
	if filter != "" {
		err = setFilter(fd, filter)
	}
	if err == nil {
		err = unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_ENABLE, 0)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func setFilter(fd int, filter string) error {
	text, err := unix.BytePtrFromString(filter)
	if err != nil {
		return err
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.PERF_EVENT_IOC_SET_FILTER, uintptr(unsafe.Pointer(text)))
	if errno != 0 {
		return fmt.Errorf("filter %q: %w", filter, errno)
	}
	return nil
}

// Counts returns what has been counted so far.
func (c *Counter) Counts() (Counts, error) {
	n := Counts{Group: make([]float64, len(c.groups))}
	var errs []error
	add := func(to *float64, fd int) {
		var p [8]byte
		if _, err := unix.Read(fd, p[:]); err != nil {
			errs = append(errs, err)
		}
		*to += float64(binary.NativeEndian.Uint64(p[:]))
	}
	for _, fd := range c.all {
		add(&n.All, fd)
	}
	for _, fd := range c.switches {
		add(&n.Switches, fd)
	}
	for i, fd := range c.calls {
		add(&n.Group[i%len(c.groups)], fd)
	}
	return n, errors.Join(errs...)
}

// Close stops counting.
func (c *Counter) Close() {
	for _, list := range [][]int{c.all, c.switches, c.calls} {
		for _, fd := range list {
			unix.Close(fd)
		}
	}
}
