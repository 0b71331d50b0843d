package harness

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRatiosSkipDroppedRounds(t *testing.T) {
	run := func(cpu float64) *Result { return &Result{CPU: cpu} }
	base := Series[Result]{Runs: []*Result{run(100), nil, run(200)}}
	s := Series[Result]{Runs: []*Result{run(150), run(1), nil}}
	got := Ratios(s, base, func(r *Result) float64 { return r.CPU })
	if len(got) != 1 || got[0] != 1.5 {
		t.Errorf("ratios = %v, want [1.5]", got)
	}
}

func TestListening(t *testing.T) {
	for line, want := range map[string]string{
		"listening on 127.0.0.1:4711":                               "4711",
		`level=INFO msg="listening on 127.0.0.1:4711" loops=1`:      "4711",
		"2026/11/21 21:00:00 frames: listening on [::1]:80":         "80",
		"Launching gnet with 1 event-loops, listening on: tcp://:0": "",
	} {
		got := ""
		if m := listening.FindStringSubmatch(line); m != nil {
			got = m[1]
		}
		if got != want {
			t.Errorf("%q: port %q, want %q", line, got, want)
		}
	}
}

func TestInterleaveTurnsRound(t *testing.T) {
	servers := []*Server{{Kind: Kind{Name: "A"}}, {Kind: Kind{Name: "B"}}}
	order := ""
	var said []string
	logf := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	all, err := Interleave(t.Context(), logf, servers, 3, func(s *Server) (*Result, error) {
		order += s.Name
		if len(order) == 3 {
			return nil, errors.New("no answer")
		}
		return &Result{CPU: float64(len(order))}, nil
	})
	if err != nil || order != "ABBAAB" {
		t.Errorf("order %s, %v", order, err)
	}
	b, ok := Find(all, "B")
	if !ok || b.Runs[1] != nil || b.Runs[2].CPU != 6 {
		t.Errorf("%+v", b)
	}
	if len(said) != 1 || !strings.Contains(said[0], "no answer") {
		t.Errorf("a dropped round is told: %q", said)
	}
	if _, ok := Find(all, "C"); ok {
		t.Error("found what is not there")
	}
}

func TestServerThatEndsSaysWhy(t *testing.T) {
	for _, port := range []string{"", "1"} {
		_, err := Start(t.Context(), Kind{Name: "broken", Argv: []string{"/bin/sh", "-c", "echo no such file; exit 1"}, Port: port})
		if err == nil || !strings.Contains(err.Error(), "broken") || !strings.Contains(err.Error(), "no such file") {
			t.Errorf("%v", err)
		}
	}
}

func TestServerThatDoesNotKnowAFlag(t *testing.T) {
	script := "echo no such engine; echo usage:; echo '  -x  a flag'; exit 2"
	_, err := Start(t.Context(), Kind{Name: "strict", Argv: []string{"/bin/sh", "-c", script}})
	if err == nil || !strings.Contains(err.Error(), "no such engine ... -x") {
		t.Errorf("%v", err)
	}
}

func TestServerIsFollowed(t *testing.T) {
	script := "trap 'echo the end; exit' TERM; echo listening on 127.0.0.1:4711; while :; do sleep 0.02; done"
	s, err := Start(t.Context(), Kind{Name: "shell", Argv: []string{"/bin/sh", "-c", script}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if last := s.End(); s.Port != "4711" || last != "the end" {
		t.Errorf("port %s, %q", s.Port, last)
	}
}

func TestServerThatDoesNotSayItsPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	s, err := Start(t.Context(), Kind{Name: "silent", Argv: []string{"/bin/sleep", "100"}, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	if s.Port != port {
		t.Errorf("port %s", s.Port)
	}
}

func TestHolderIsAsked(t *testing.T) {
	s := &Server{Kind: Kind{Name: "shell"}, cmd: &exec.Cmd{Process: &os.Process{Pid: 1}}}
	name := filepath.Join(t.TempDir(), "load")
	script := "#!/bin/sh\necho ready\nread n\necho \"{\\\"msgs\\\":$n}\"\nread n || exit\necho broken >&2\n"
	if err := os.WriteFile(name, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	h, err := Hold(t.Context(), name, s, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Release()
	var r Result
	if err := h.Ask("7", time.Minute, &r); err != nil || r.Msgs != 7 {
		t.Errorf("%+v, %v", r, err)
	}
	if err := h.Ask("8", time.Minute, &r); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("the load generator has failed: %v", err)
	}
}

func TestParts(t *testing.T) {
	ran := ""
	part := func(name string, err error) Part {
		return Part{name, func() error { ran += name; return err }}
	}
	parts := Parts{part("a", nil), part("b", errors.New("not today")), part("c", nil)}
	if err := parts.Check([]string{"b", "x"}); err == nil || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("%v", err)
	}
	var r Report
	if err := parts.Run(t.Context(), &r, []string{"c", "b"}); err != nil || ran != "bc" {
		t.Errorf("ran %q, %v", ran, err)
	}
	if len(r.Failures) != 1 || r.Failures[0] != "b: not today" {
		t.Errorf("%q", r.Failures)
	}
}
