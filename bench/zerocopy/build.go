package main

import (
	"path/filepath"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// build compiles senders, proxies and what asks them into the temporary folder.
func (l *lab) build(dir string) error {
	var err error
	if l.Builder, err = harness.NewBuilder(l.ctx, dir); err != nil {
		return err
	}
	l.report.Logf("building in %s", dir)
	const util = "../../c/load_util.c"
	for _, program := range [][]string{
		{"send", "send.c", "send_copy.c", "send_splice.c", "send_loop.c", "send_zero.c", "send_ring.c"},
		{"fetch", "fetch.c", "usage.c", util},
		{"proxy", "proxy.c"},
	} {
		args := append([]string{"-O2", "-Wall", "-pthread", "-I../../c", "-o", l.Bin(program[0])}, program[1:]...)
		if err := l.Run(filepath.Join(l.Module, "zerocopy", "c"), "gcc", args...); err != nil {
			return err
		}
	}
	if err := l.C("echo", "echo.c"); err != nil {
		return err
	}
	if err := l.LoadGenerator(); err != nil {
		return err
	}
	if err := l.Run(l.Module, "go", "build", "-pgo=off", "-o", l.Dir+string(filepath.Separator), "./zerocopy/server", "./zerocopy/gocopy"); err != nil {
		return err
	}
	if err := l.Run(filepath.Dir(l.Module), "go", "build", "-pgo=off", "-o", l.Bin("relay"), "./examples/proxy"); err != nil {
		l.report.Fail("examples/proxy does not build, so it has no rows")
		l.absent[ourRelay] = "it does not build"
	}
	return nil
}
