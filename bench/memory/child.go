package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

const childArgument = "-child"

// A childTask is what a process of its own does, so that nothing that another row left behind counts.
type childTask struct {
	Run     string // replay or gc
	Row     string
	Pattern string
	Size    int
	Ops     int
	Bytes   int64
	Seed    uint64
}

// inChild runs a task in a fresh process of this binary and reads its result.
func (b *bench) inChild(task childTask, result any) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	arg, err := json.Marshal(task)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(b.ctx, self, childArgument, string(arg))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s of %s: %w", task.Run, task.Row, err)
	}
	return json.Unmarshal(out, result)
}

// child is what the process does.
func child(arg string) error {
	runtime.LockOSThread()
	var task childTask
	if err := json.Unmarshal([]byte(arg), &task); err != nil {
		return err
	}
	result, err := task.run()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func (t childTask) run() (any, error) {
	if t.Run == "gc" {
		return measureGC(t)
	}
	p, err := t.pattern()
	if err != nil {
		return nil, err
	}
	trimAfter = replayTrimAfter
	for _, r := range rows {
		if r.name == t.Row {
			return r.replay(p)
		}
	}
	return nil, fmt.Errorf("no row %q", t.Row)
}

func (t childTask) pattern() (pattern, error) {
	if t.Pattern == "fill" {
		return fill(t.Size), nil
	}
	for _, p := range patterns {
		if p.name == t.Pattern {
			return p.make(t.Seed, t.Ops), nil
		}
	}
	return pattern{}, fmt.Errorf("no pattern %q", t.Pattern)
}
