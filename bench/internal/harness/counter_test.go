package harness

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFilterOfACallGroup(t *testing.T) {
	if got := (CallGroup{"read", []int{0, 45}}).filter(); got != "id == 0 || id == 45" {
		t.Errorf("%q", got)
	}
}

// TestCounter counts calls of this thread. A system that has no tracepoints, or keeps them from us, must say so.
func TestCounter(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c, err := Count(os.Getpid(), []CallGroup{{"getppid", []int{unix.SYS_GETPPID}}, {"none", []int{unix.SYS_GETPPID + 100000}}})
	if err != nil {
		if c != nil || err.Error() == "" {
			t.Errorf("%v, %v", c, err)
		}
		t.Logf("not counted: %v", err)
		return
	}
	defer c.Close()
	for range 1000 {
		unix.Getppid()
	}
	n, err := c.Counts()
	if err != nil || n.Group[0] != 1000 || n.Group[1] != 0 || n.All < 1000 {
		t.Errorf("%+v, %v", n, err)
	}
}
