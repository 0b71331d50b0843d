package harness

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// shell starts a server that is a script, once it has said where it listens.
func shell(t *testing.T, k Kind, script string) *Server {
	t.Helper()
	k.Name, k.Argv = "shell", []string{"/bin/sh", "-c", script + "\necho listening on 127.0.0.1:4711; while :; do sleep 0.02; done"}
	s, err := Start(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func TestRuntimeCounts(t *testing.T) {
	s := shell(t, Kind{Counts: true}, "n=5; trap 'n=$((n+1)); echo mallocs=$n gc=2' USR1")
	for want := 6.0; want < 9; want++ {
		if n, err := s.RuntimeCounts(); err != nil || n.Mallocs != want || n.GCs != 2 {
			t.Errorf("%+v, %v, want %v", n, err, want)
		}
	}
	if s.Ended() {
		t.Error("it has ended")
	}
	s.Stop()
	if _, err := s.RuntimeCounts(); err == nil || !s.Ended() {
		t.Errorf("a server that has ended tells %v", err)
	}
}

func TestRuntimeCountsThatAreNone(t *testing.T) {
	if _, err := shell(t, Kind{}, "").RuntimeCounts(); err == nil {
		t.Error("a server that would be ended by the signal was asked")
	}
	s := shell(t, Kind{Counts: true}, "trap 'echo mallocs=many' USR1")
	if _, err := s.RuntimeCounts(); err == nil || !strings.Contains(err.Error(), "many") {
		t.Errorf("%v", err)
	}
	s = shell(t, Kind{Counts: true}, "trap exit USR1")
	if _, err := s.RuntimeCounts(); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Errorf("%v", err)
	}
}

// TestFree holds that a free server may use all CPUs, and others have one.
func TestFree(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Log("one CPU: nothing to tell apart")
		return
	}
	for _, free := range []bool{false, true} {
		s := shell(t, Kind{Free: free, Go: true}, "")
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Pid()))
		if err != nil {
			t.Fatal(err)
		}
		_, list, _ := strings.Cut(string(status), "Cpus_allowed_list:")
		list, _, _ = strings.Cut(strings.TrimSpace(list), "\n")
		if pinned := list == fmt.Sprint(ServerCPU); pinned == free {
			t.Errorf("free %v: it may run on %s", free, list)
		}
		env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.Pid()))
		if err != nil || strings.Contains(string(env), "GOMAXPROCS=1") == free {
			t.Errorf("free %v: %q, %v", free, env, err)
		}
	}
}
