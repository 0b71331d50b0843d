//go:build linux

package main

import (
	"strings"
	"testing"
)

// strace keeps one fault for each call: of two in a phase it would forget the first.
func TestOneFaultForEachCall(t *testing.T) {
	for _, p := range phases {
		for _, engine := range []string{"epoll", "gnet", "std", "uring"} {
			seen := make(map[string]bool)
			for _, f := range p.of("files", engine) {
				for call := range strings.SplitSeq(f.calls, ",") {
					if seen[call] {
						t.Errorf("phase %q, engine %s: two faults for %s", p.name, engine, call)
					}
					seen[call] = true
				}
			}
		}
	}
}

func TestLinesOfStrace(t *testing.T) {
	for line, want := range map[string]string{
		"accept4(0xd, 0x23d4744d7dde, 0x23d4744d7d8c, 0x80800) = -1 EINTR (Interrupted system call) (INJECTED)": "accept4 EINTR",
		"write(0xb, 0x23d4744d7c27, 0x8)   = -1 EPIPE (Broken pipe) (INJECTED)":                                 "write EPIPE",
		"recvfrom(0xf, 0x7fbc22220000, 0x10000, 0, 0, 0) = -1 EAGAIN (Resource temporarily unavailable)":        "",
	} {
		got := strings.Join(append(fails.FindStringSubmatch(line), "", "", "")[1:3], " ")
		if strings.TrimSpace(got) != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestDifferent(t *testing.T) {
	if err := different([]byte("ab"), []byte("abc"), 0); err != nil {
		t.Error(err)
	}
	if err := different([]byte("abx"), []byte("abc"), 10); err == nil || !strings.Contains(err.Error(), "byte 12 ") {
		t.Errorf("%v", err)
	}
}
