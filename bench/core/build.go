package main

import (
	"os"
	"path/filepath"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// build compiles the C programs, the peers and the examples into the
// temporary folder. An example that does not build only loses its rows.
func (b *bench) build(dir string) error {
	var err error
	if b.Builder, err = harness.NewBuilder(b.ctx, dir); err != nil {
		return err
	}
	b.report.Logf("building in %s", dir)
	for _, name := range []string{"frames", "files"} {
		if err := b.C("c-"+name, name+".c"); err != nil {
			return err
		}
	}
	if err := b.C("c-uring", "uring.c"); err != nil { // headers older than Linux 6.0
		b.report.Logf("the floor on io_uring does not build: %v", err)
	}
	if err := b.LoadGenerator(); err != nil {
		return err
	}
	for _, peer := range []string{"std", "gnet"} {
		if err := b.Peer(peer); err != nil {
			return err
		}
	}
	for _, example := range []string{"frames", "files"} {
		b.buildExample(example)
	}
	return nil
}

// buildExample builds one of the framework's examples without PGO, and with
// it, as a plain go build does, when the example carries a profile.
func (b *bench) buildExample(name string) {
	root := filepath.Dir(b.Module)
	source := "./examples/" + name
	plain := b.Bin("ropewalk-" + name)
	if err := b.Run(root, "go", "build", "-pgo=off", "-o", plain, source); err != nil {
		b.report.Fail("examples/%s does not build, so it has no rows", name)
		return
	}
	b.examples[name] = []string{plain}
	if _, err := os.Stat(filepath.Join(root, "examples", name, "default.pgo")); err != nil {
		return
	}
	pgo := plain + "-pgo"
	if err := b.Run(root, "go", "build", "-o", pgo, source); err != nil {
		b.report.Fail("examples/%s does not build with its profile", name)
		return
	}
	b.examples[name] = append(b.examples[name], pgo)
}

func (b *bench) start(k kind, env ...string) (*server, error) { return harness.Start(b.ctx, k, env...) }
