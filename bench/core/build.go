package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// build compiles the C programs, the peers and the examples into the
// temporary folder. An example that does not build only loses its rows.
func (b *bench) build() error {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return fmt.Errorf("go env GOMOD: %w", err)
	}
	b.module = filepath.Dir(strings.TrimSpace(string(out)))
	if _, err := os.Stat(filepath.Join(b.module, "c", "load.c")); err != nil {
		return fmt.Errorf("not in the bench module; run it as: go -C bench run ./core")
	}
	b.logf("building in %s", b.dir)
	for _, c := range []struct {
		binary  string
		sources []string
	}{
		{"c-echo", []string{"echo.c"}},
		{"c-frames", []string{"frames.c"}},
		{"c-files", []string{"files.c"}},
		{"load", []string{"load.c", "load_util.c", "load_echo.c", "load_idle.c", "load_file.c"}},
	} {
		args := append([]string{"-O2", "-Wall", "-pthread", "-o", b.bin(c.binary)}, c.sources...)
		if err := b.compile(filepath.Join(b.module, "c"), "gcc", args...); err != nil {
			return err
		}
	}
	for _, peer := range []string{"std", "gnet"} {
		if err := b.compile(b.module, "go", "build", "-o", b.bin(peer), "./peers/"+peer); err != nil {
			return err
		}
	}
	for _, example := range []string{"echo", "frames", "files"} {
		b.buildExample(example)
	}
	return nil
}

// buildExample builds one of the framework's examples without PGO, and with
// it, as a plain go build does, when the example carries a profile.
func (b *bench) buildExample(name string) {
	root := filepath.Dir(b.module)
	source := "./examples/" + name
	plain := b.bin("ropewalk-" + name)
	if err := b.compile(root, "go", "build", "-pgo=off", "-o", plain, source); err != nil {
		b.fail("examples/%s does not build, so it has no rows", name)
		return
	}
	b.examples[name] = []string{plain}
	if _, err := os.Stat(filepath.Join(root, "examples", name, "default.pgo")); err != nil {
		return
	}
	pgo := plain + "-pgo"
	if err := b.compile(root, "go", "build", "-o", pgo, source); err != nil {
		b.fail("examples/%s does not build with its profile", name)
		return
	}
	b.examples[name] = append(b.examples[name], pgo)
}

// compile runs a compiler in a folder and shows what it says.
func (b *bench) compile(dir, tool string, args ...string) error {
	cmd := exec.CommandContext(b.ctx, tool, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", tool, strings.Join(args, " "), err)
	}
	return nil
}

func (b *bench) bin(name string) string { return filepath.Join(b.dir, name) }
