//go:build linux

package socket

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// processors returns those that the process may use, in order.
func processors() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(os.Getpid(), &set); err != nil {
		return nil, os.NewSyscallError("sched_getaffinity", err)
	}
	var all []int
	for i, n := 0, set.Count(); len(all) < n; i++ {
		if set.IsSet(i) {
			all = append(all, i)
		}
	}
	return all, nil
}

// pin keeps the calling thread on the processor for the loop of a number.
func pin(loop int) error {
	all, err := processors()
	if err != nil {
		return err
	}
	var set unix.CPUSet
	set.Set(all[loop%len(all)])
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &set))
}

var errSteerAlone = errors.New("ListenConfig.Steer has no meaning without ReusePort")

// steer has the kernel choose among listening sockets, one for each loop in order, by the processor on which the first packet of
// a connection was received.
func steer(fd int, loops int, pinned bool) error {
	var cpus []int
	if pinned {
		all, err := processors()
		if err != nil {
			return err
		}
		if loops > len(all) {
			return fmt.Errorf("ListenConfig.Steer: %d loops are pinned to %d processors: those that share one would get no connections", loops, len(all))
		}
		cpus = all[:loops]
	}
	program := steering(cpus, loops)
	err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_REUSEPORT_CBPF, &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
	if err != nil {
		return fmt.Errorf("ListenConfig.Steer: %w", os.NewSyscallError("setsockopt SO_ATTACH_REUSEPORT_CBPF", err))
	}
	return nil
}

// steering returns a program that returns the index of a socket (bpf(2), Documentation/networking/filter.rst): that of the
// processor in cpus, else the processor's number modulo the number of sockets.
func steering(cpus []int, sockets int) []unix.SockFilter {
	const cpuOffset = 1<<32 - 0x1000 + 36 // SKF_AD_OFF + SKF_AD_CPU
	p := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: cpuOffset}}
	for i, cpu := range cpus {
		p = append(p,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: uint32(cpu)},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: uint32(i)})
	}
	return append(p,
		unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K, K: uint32(sockets)},
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_A})
}
