package harness

import (
	"fmt"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// The server has one CPU and the load the other.
const (
	ServerCPU = 0
	LoadCPU   = 1
)

// StartPinned starts a command on one CPU, the last one if there are fewer: the child inherits the affinity of the thread
// that starts it. Should this process be killed, the child ends too.
func StartPinned(cmd *exec.Cmd, cpu int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	one.Set(min(cpu, runtime.NumCPU()-1))
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("pinning to CPU %d: %w", cpu, err)
	}
	defer unix.SchedSetaffinity(0, &before)
	return startBound(cmd)
}

// startBound starts a command that ends with this process.
func startBound(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd.Start()
}

// startOn starts a server, or the load of one, on its CPU, or wherever there is room if it is free.
func (k Kind) startOn(cmd *exec.Cmd, cpu int) error {
	if k.Free {
		return startBound(cmd)
	}
	return StartPinned(cmd, cpu)
}
