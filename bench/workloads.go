package main

import (
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// workloads are all there are, in the order in which they are shown.
var workloads = []result.Workload{
	{Name: "frames", Title: "Frames", Unit: "frame", Compared: []string{"cpu_ns"},
		What: "Frames of four bytes of length and a payload, each decoded, handled and answered by itself. " +
			"Cells are payload/connections/depth: depth is how many are outstanding on each connection."},
	{Name: "raw", Title: "Raw echo", Unit: "message", Compared: []string{"cpu_ns"},
		What: "Bytes go back as they come, without looking at them."},
	{Name: "frames-unpinned", Title: "Frames, unpinned", Unit: "frame", Compared: []string{"cpu_ns"},
		What: "The same with two event loops that share both CPUs with the load, as the scheduler likes. The floor has one loop."},
	{Name: "raw-unpinned", Title: "Raw echo, unpinned", Unit: "message", Compared: []string{"cpu_ns"},
		What: "Raw echo with two event loops that share both CPUs with the load."},
	{Name: "open", Title: "Latency at half load", Unit: "message", Compared: []string{"p50_us", "p99_us", "cpu_ns"},
		What: "Messages are due at random times, at half of the rate that our epoll engine can bear, the same for all; " +
			"latency counts from when a message was due."},
	{Name: "conns", Title: "Connect and close", Unit: "connection", Compared: []string{"cpu_ns"},
		What: "A connection is made, one frame goes to and fro, and it is closed."},
	{Name: "broadcast", Title: "Broadcast", Unit: "delivery", Compared: []string{"cpu_ns"},
		What: "A frame of 1 KiB that one connection sends goes to all."},
	{Name: "slow", Title: "A slow reader", Unit: "", Compared: []string{"growth_mib"},
		What: "One peer sends and does not read: the server's memory must stay bounded, and its other peers must not wait."},
	{Name: "idle", Title: "Idle memory", Unit: "connection", Compared: []string{"conn_bytes"},
		What: "Resident memory of the process for each connection that spoke once and is silent since. " +
			"What sockets take of the kernel comes on top, the same for all."},
	{Name: "hello", Title: "HTTP hello", Unit: "request", Compared: []string{"cpu_ns"},
		What: "GET / over HTTP/1.1, answered by 13 bytes."},
	{Name: "files", Title: "HTTP files", Unit: "request", Compared: []string{"cpu_ns"},
		What: "Files out of the page cache on kept connections."},
}

// running is the order in which they run: those that need the same servers follow each other.
var running = []string{"frames", "open", "conns", "raw", "frames-unpinned", "raw-unpinned", "broadcast", "slow", "idle", "hello", "files"}

// planned is a workload with its steps.
type planned struct {
	call  call // what its servers are asked to be
	steps []step
}

// workloads are those that are left by -workloads and -cells.
func (b *bench) workloads() (all []planned) {
	left := map[string]bool{}
	for _, name := range running {
		if len(b.only.workloads) > 0 && !slices.Contains(b.only.workloads, name) {
			continue
		}
		if mode, steps := b.steps(name); len(steps) > 0 {
			all = append(all, planned{call{mode: mode, loops: "1"}, steps})
			left[name] = true
		}
	}
	b.file.Workloads = slices.DeleteFunc(slices.Clone(workloads), func(w result.Workload) bool { return !left[w.Name] })
	return all
}

// steps are those of a workload, and the mode of its servers.
func (b *bench) steps(workload string) (mode string, steps []step) {
	switch workload {
	case "frames":
		return "frame", b.echoes(workload, "frame", false, b.plan.frames)
	case "raw":
		return "raw", b.echoes(workload, "raw", false, b.plan.raw)
	case "frames-unpinned":
		return "frame", b.echoes(workload, "frame", true, b.plan.free)
	case "raw-unpinned":
		if !b.plan.freeRaw && len(b.only.workloads) == 0 {
			return "", nil
		}
		return "raw", b.echoes(workload, "raw", true, b.plan.free)
	case "open":
		return "frame", b.openLoop()
	case "conns":
		return "frame", b.conns()
	case "broadcast":
		return "fan", b.broadcast()
	case "slow":
		return "frame", b.slowPeer()
	case "idle":
		return "frame", b.idle()
	case "hello":
		return "hello", b.hello()
	case "files":
		return "files", b.files()
	}
	return "", nil
}
