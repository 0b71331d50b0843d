package harness

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Builder compiles programs into a folder.
type Builder struct {
	Module string // the folder of this module
	Dir    string // where the programs go
	ctx    context.Context
}

// NewBuilder returns a Builder for the module it is called in.
func NewBuilder(ctx context.Context, dir string) (*Builder, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOMOD: %w", err)
	}
	b := &Builder{Module: filepath.Dir(strings.TrimSpace(string(out))), Dir: dir, ctx: ctx}
	if _, err := os.Stat(filepath.Join(b.Module, "c", "load.c")); err != nil {
		return nil, fmt.Errorf("not in the bench module; run it as: go -C bench run ./NAME")
	}
	return b, nil
}

// Bin returns the path of a program.
func (b *Builder) Bin(name string) string { return filepath.Join(b.Dir, name) }

// Run runs a compiler in a folder and shows what it says.
func (b *Builder) Run(dir, tool string, args ...string) error {
	cmd := exec.CommandContext(b.ctx, tool, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", tool, strings.Join(args, " "), err)
	}
	return nil
}

// C compiles a program of the folder c.
func (b *Builder) C(binary string, sources ...string) error {
	args := append([]string{"-O2", "-Wall", "-pthread", "-o", b.Bin(binary)}, sources...)
	args = append(args, "-lm")
	return b.Run(filepath.Join(b.Module, "c"), "gcc", args...)
}

// LoadGenerator compiles the load generator, as "load".
func (b *Builder) LoadGenerator() error {
	return b.C("load", "load.c", "load_util.c", "load_echo.c", "load_open.c", "load_idle.c", "load_file.c",
		"load_pairs.c", "load_ws.c", "load_fan.c", "load_conns.c")
}

// Peer compiles a program of the folder peers, without a profile.
func (b *Builder) Peer(name string) error {
	return b.Run(b.Module, "go", "build", "-pgo=off", "-o", b.Bin(name), "./peers/"+name)
}

// Peers compiles several programs of the folder peers at once, without profiles.
func (b *Builder) Peers(names ...string) error {
	if len(names) == 0 {
		return nil
	}
	args := []string{"build", "-pgo=off", "-o", b.Dir + string(filepath.Separator)}
	for _, name := range names {
		args = append(args, "./peers/"+name)
	}
	return b.Run(b.Module, "go", args...)
}
