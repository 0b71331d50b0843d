package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// callgrind builds this program again, runs it under valgrind and returns the counts. The files stay in the folder keep, unless
// that is empty.
func callgrind(ctx context.Context, only, keep string) (*table, error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return nil, errors.New("counts are those of linux/amd64")
	}
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		return nil, fmt.Errorf("%w; on Debian: apt-get install valgrind", err)
	}
	dir := keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "instructions"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
	} else if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	old, err := filepath.Glob(filepath.Join(dir, "calls-*"))
	if err != nil {
		return nil, err
	}
	for _, name := range old {
		os.Remove(name)
	}

	program := filepath.Join(dir, "instructions")
	build := exec.CommandContext(ctx, "go", "build", "-pgo=off", "-o", program, "github.com/ropewalk/ropewalk/bench/instructions")
	build.Env = append(build.Environ(), "GOAMD64=v1", "CGO_ENABLED=0", "GOEXPERIMENT=", "GOFLAGS=-buildvcs=false")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("go build: %w", err)
	}

	if err := runEach(ctx, valgrind, program, dir, only); err != nil {
		return nil, err
	}
	return collect(dir)
}

// runEach runs the operations with only in their names, as many at a time as there are processors.
func runEach(ctx context.Context, valgrind, program, dir, only string) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	free := make(chan struct{}, runtime.NumCPU())
	var all sync.WaitGroup
	for i, o := range operations {
		if !strings.Contains(o.name, only) {
			continue
		}
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			cmd := exec.CommandContext(ctx, valgrind, "-q", "--tool=callgrind", "--collect-atstart=no",
				fmt.Sprintf("--callgrind-out-file=%s/calls-%d", dir, i), program, "-count", o.name)
			cmd.Env = []string{"GODEBUG=cpu.all=off,asyncpreemptoff=1", "GOMAXPROCS=1", "GOGC=off"}
			if out, err := cmd.CombinedOutput(); err != nil {
				stop(fmt.Errorf("%s: valgrind: %w\n%s", o.name, err, out))
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// collect makes counts of the files that the dumps have written.
func collect(dir string) (*table, error) {
	names, err := filepath.Glob(filepath.Join(dir, "calls-*.*"))
	if err != nil {
		return nil, err
	}
	totals := make(map[string]uint64) // by the name of the dump
	for _, name := range names {
		trigger, n, err := readDump(name)
		if err != nil {
			return nil, err
		}
		if old, ok := totals[trigger]; !ok || n < old {
			totals[trigger] = n
		}
	}
	t := &table{version: runtime.Version(), counts: make(map[string]float64)}
	for _, o := range operations {
		once, ok := totals[o.dumpName(1)]
		twice, ok2 := totals[o.dumpName(2)]
		if !ok && !ok2 {
			continue // it was not asked for
		}
		if !ok || !ok2 || twice <= once {
			return nil, fmt.Errorf("%s: counts of %d and %d instructions make no sense", o.name, once, twice)
		}
		t.counts[o.name] = float64(twice-once) / float64(o.rounds*o.per)
	}
	if len(t.counts) == 0 {
		return nil, errors.New("nothing was counted")
	}
	return t, nil
}

// readDump returns the name that was given to dump, and the instructions of all functions in a file of callgrind.
func readDump(name string) (trigger string, n uint64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	found := false
	for s := bufio.NewScanner(f); s.Scan(); {
		if t, ok := strings.CutPrefix(s.Text(), "desc: Trigger: Client Request: "); ok {
			trigger = t
		}
		if t, ok := strings.CutPrefix(s.Text(), "summary: "); ok {
			if n, err = strconv.ParseUint(t, 10, 64); err != nil {
				return "", 0, fmt.Errorf("%s: %w", name, err)
			}
			found = true
			break
		}
	}
	if !found || trigger == "" {
		return "", 0, fmt.Errorf("%s: not a dump of callgrind that was asked for by name", name)
	}
	return trigger, n, nil
}
