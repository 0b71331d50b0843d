package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
	"github.com/ropewalk/ropewalk/bench/internal/web"
)

// build compiles what the rows of these workloads need, without profiles; C, Go and Java at the same time. What does not build
// loses its rows; ours, the floor and the load generator must.
func (b *bench) build(dir string, needed []string) error {
	var err error
	if b.Builder, err = harness.NewBuilder(b.ctx, dir); err != nil {
		return err
	}
	var load error
	var wg sync.WaitGroup
	why := map[string]error{} // of the programs in C
	wg.Go(func() {
		load = b.LoadGenerator()
		for _, p := range programs {
			if slices.Contains(needed, p.name) && p.c != nil {
				why[p.name] = b.C(p.name, p.c...)
			}
		}
	})
	peers := map[string]error{}
	wg.Go(func() { b.buildPeers(needed, peers) })
	var missing string
	if slices.Contains(needed, nettyName) {
		wg.Go(func() { b.netty, missing = b.buildNetty() })
	}
	wg.Wait()
	if err := errors.Join(load, b.ctx.Err()); err != nil {
		return err
	}
	maps.Copy(why, peers)
	for _, p := range programs {
		b.note(p.name, why[p.name])
	}
	if missing != "" {
		b.broken[nettyName] = missing
		b.progress.logf("missing: netty: %s", missing)
	}
	return nil
}

// buildPeers compiles the programs in Go together, and if that fails one after the other, which tells which it is.
func (b *bench) buildPeers(needed []string, why map[string]error) {
	var peers []string
	for _, p := range programs {
		if slices.Contains(needed, p.name) && p.c == nil && p.name != nettyName {
			peers = append(peers, p.name)
		}
	}
	if b.Peers(peers...) == nil {
		return
	}
	for _, p := range peers {
		why[p] = b.Peer(p)
	}
}

// note keeps why a program is not there.
func (b *bench) note(program string, err error) {
	if err == nil {
		return
	}
	b.broken[program] = "it does not build here"
	b.progress.logf("%s: %v", program, err)
	for _, s := range servers {
		if (s.Group == result.Ours || s.Group == result.Floor && s.Name != "c-uring") && slices.Contains(s.programs(), program) {
			b.fail("%s does not build: %v", program, err)
			return
		}
	}
}

// programs are all that a row may run.
func (s server) programs() []string {
	var all []string
	for _, mode := range []string{"raw", "frame", "fan", "hello", "files"} {
		c := call{mode: mode}
		if p := s.programFor(c); s.argv(c) != nil && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// kind is how a row is started for a call, or why it cannot be. Both are empty if it does no such thing.
func (b *bench) kind(s server, c call, free bool) (k harness.Kind, missing string) {
	args := s.argv(c)
	if args == nil {
		return k, ""
	}
	program := s.programFor(c)
	if why := b.broken[program]; why != "" {
		return k, why
	}
	goes := s.Group == result.Go || s.Group == result.Ours
	k = harness.Kind{Name: s.Name, Free: free, Go: goes, Counts: goes}
	switch {
	case s.Name == "nginx":
		return b.nginxKind(k, c)
	case program == nettyName:
		k.Argv = append(slices.Clone(b.netty), args...)
	default:
		k.Argv = append([]string{b.Bin(program)}, args...)
	}
	return k, ""
}

func (b *bench) nginxKind(k harness.Kind, c call) (harness.Kind, string) {
	program := web.FindNginx()
	if program == "" {
		return k, web.NginxMissing
	}
	block := web.NginxHello
	if c.mode == "files" {
		block = web.NginxFiles(c.root, true, false)
	}
	k, err := web.Nginx(program, k.Name, b.Dir, block)
	if err != nil {
		return k, err.Error()
	}
	return k, ""
}

func (b *bench) fail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	b.progress.logf("FAILED: %s", text)
	b.file.Failures = append(b.file.Failures, text)
}
