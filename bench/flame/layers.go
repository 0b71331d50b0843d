package main

import (
	"fmt"
	"io"
	"sort"
	"strings"
)

const module = "github.com/ropewalk/ropewalk/"

// What the kernel does is told by the functions that it is called through; the first one that a stack has counts.
var kernelLayers = []struct {
	layer string
	marks []string
}{
	{"kernel: delivery to the peer (softirq)", []string{"net_rx_action", "do_softirq", "handle_softirqs"}},
	{"kernel: sending", []string{"tcp_sendmsg", "sock_sendmsg", "__sys_sendto", "do_writev", "ksys_write"}},
	{"kernel: receiving", []string{"tcp_recvmsg", "sock_recvmsg", "__sys_recvfrom", "ksys_read"}},
	{"kernel: waiting and switching", []string{"ep_poll", "epoll_wait", "schedule", "io_cqring_wait", "futex"}},
	{"kernel: io_uring", []string{"io_uring", "io_submit", "io_run", "io_handle_tw"}},
}

// layerOf returns the layer that a sample was taken in.
func layerOf(stack []frame) string {
	leaf := stack[len(stack)-1]
	if leaf.kernel {
		for _, l := range kernelLayers {
			for _, f := range stack {
				for _, mark := range l.marks {
					if f.kernel && strings.Contains(f.name, mark) {
						return l.layer
					}
				}
			}
		}
		return "kernel: entry, exit, others"
	}
	if rest, ok := strings.CutPrefix(leaf.name, module); ok {
		if at := strings.IndexAny(rest, ".["); at > 0 {
			rest = rest[:at]
		}
		return "ropewalk: " + rest
	}
	switch {
	case strings.HasPrefix(leaf.name, "main."):
		return "handler"
	case strings.HasPrefix(leaf.name, "runtime."), strings.HasPrefix(leaf.name, "internal/runtime"):
		return "Go runtime"
	case strings.HasPrefix(leaf.name, "syscall."), strings.Contains(leaf.name, "sys/unix."):
		return "system calls, user side"
	}
	return "others"
}

// printLayers prints the share of each layer, and what it is of the time that a message takes.
func printLayers(w io.Writer, stacks [][]frame, perMessage float64) {
	count := map[string]int{}
	for _, s := range stacks {
		count[layerOf(s)]++
	}
	var names []string
	for name := range count {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		if count[names[i]] != count[names[j]] {
			return count[names[i]] > count[names[j]]
		}
		return names[i] < names[j]
	})
	fmt.Fprintf(w, "| layer | share | ns a message |\n|---|---|---|\n")
	for _, name := range names {
		share := float64(count[name]) / float64(len(stacks))
		fmt.Fprintf(w, "| %s | %.1f %% | %.0f |\n", name, 100*share, share*perMessage)
	}
}
