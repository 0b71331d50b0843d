package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
	"github.com/ropewalk/ropewalk/bench/internal/web"
)

// get runs the load generator for HTTP.
func (b *bench) get(s *harness.Server, warm, seconds float64, args ...string) (*harness.Result, error) {
	r := new(harness.Result)
	args = append([]string{"-m", "http", "-w", fmt.Sprint(warm), "-t", fmt.Sprint(seconds)}, args...)
	err := harness.Load(b.ctx, b.load(), s, 30*time.Second, r, args...)
	if err == nil && r.Msgs == 0 {
		err = echo.ErrNothing
	}
	return r, err
}

// request is a trial of one kind of request.
func (b *bench) request(workload, name, title string, timed bool, args ...string) trial {
	warm := b.plan.warm
	if !timed {
		warm = 0
	}
	t := trial{workload, name, title, b.plan.rounds, func(s *harness.Server) (result.Figures, error) {
		r, err := b.get(s, warm, b.plan.time, args...)
		return figuresOf(r), err
	}, nil}
	if timed {
		t.counted = func(s *harness.Server, times float64) (float64, error) {
			r, err := b.get(s, 0, times*b.plan.once, args...)
			return r.TotalMsgs, err
		}
	}
	return t
}

// hello are the steps of small answers over HTTP/1.1.
func (b *bench) hello() (steps []step) {
	for _, h := range b.plan.hello {
		name := fmt.Sprintf("%d/%d", h.conns, h.depth)
		if !b.wants(name) {
			continue
		}
		title := fmt.Sprintf("%d connections, %d requests at once on each", h.conns, h.depth)
		switch {
		case h.conns == 1:
			title = "1 connection, one request at a time"
		case h.depth == 1:
			title = fmt.Sprintf("%d connections, one request at a time on each", h.conns)
		}
		t := b.request("hello", name, title, true, "-path", "/", "-c", strconv.Itoa(h.conns), "-d", strconv.Itoa(h.depth))
		steps = append(steps, b.together("hello", call{mode: "hello", loops: "1"}, b.once("hello", web.VerifyHello), t, b.plan.warm+b.plan.time)...)
	}
	return steps
}

// once looks at the answers of a server only the first time in a run.
func (b *bench) once(what string, verify func(*harness.Server) error) func(*harness.Server) error {
	return func(s *harness.Server) error {
		if b.verified[what+" "+s.Name] {
			return nil
		}
		err := verify(s)
		b.verified[what+" "+s.Name] = err == nil
		return err
	}
}

// files are the steps of files in the page cache, on kept connections.
func (b *bench) files() (steps []step) {
	var folder *web.Folder
	steps = append(steps, step{"files: making them in " + b.fileDir, float64(b.plan.largeMiB) / 200, func() (err error) {
		folder, err = web.NewFolder(b.fileDir, b.plan.largeMiB<<20)
		return err
	}})
	paths := map[string]string{"small": "/" + web.SmallFile, "large": "/" + web.LargeFile}
	for _, file := range b.plan.files {
		if !b.wants(file.name) {
			continue
		}
		args := []string{"-path", paths[file.file], "-c", strconv.Itoa(file.conns), "-d", "1"}
		round := b.plan.warm + b.plan.time
		if file.count > 0 {
			args = append(args, "-k", strconv.Itoa(file.count))
			round = float64(file.count) * float64(b.plan.largeMiB) / 3000
		}
		t := b.request("files", file.name, file.title, file.count == 0, args...)
		var f *fleet
		c := call{mode: "files", loops: "1"}
		rows := float64(b.count(c))
		steps = append(steps, step{"files " + file.name, rows * (0.5 + float64(b.plan.rounds)*(round+0.05) + 4*b.plan.once), func() (err error) {
			c.root = folder.Path
			if f, err = b.launch(c, false, b.once("files", func(s *harness.Server) error { return web.VerifyFiles(s, folder.Sums) })); err != nil {
				return err
			}
			return f.cell(t)
		}})
	}
	if len(steps) == 1 {
		return nil
	}
	b.cleanup = append(b.cleanup, func() {
		if folder != nil {
			folder.Remove()
		}
	})
	return steps
}
