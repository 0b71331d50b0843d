package main

import "github.com/ropewalk/ropewalk/bench/internal/harness"

// The rows of our server. The goals are about the first.
const (
	ours        = "ropewalk"
	oursOnEpoll = "ropewalk-epoll"
)

// build compiles the C programs and the servers in Go, all without a profile. A server that is missing only loses its rows,
// and the goals that need it are not measured; ours must build.
func (b *bench) build(dir string) error {
	var err error
	if b.Builder, err = harness.NewBuilder(b.ctx, dir); err != nil {
		return err
	}
	b.report.Logf("building in %s", dir)
	if err := b.LoadGenerator(); err != nil {
		return err
	}
	for _, name := range []string{"http", "websocket"} {
		if err := b.C("c-"+name, name+".c"); err != nil {
			return err
		}
	}
	for _, peer := range []string{"fasthttp", "nethttp", "gobwas", "coder", "nbio"} {
		if err := b.Peer(peer); err != nil {
			return err
		}
	}
	if err := b.Peer("ropewalk-web"); err != nil {
		b.missing[ours] = "peers/ropewalk-web does not build"
		b.missing[oursOnEpoll] = b.missing[ours]
		b.report.Fail("%s: %v", ours, err)
	}
	b.findNginx()
	return nil
}
