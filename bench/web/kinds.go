package main

import (
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/web"
)

// What servers and their rounds are is the same for all benchmarks.
type (
	kind   = harness.Kind
	server = harness.Server
	result = harness.Result
	series = harness.Series[harness.Result]
)

// floors are the rows of a server in C.
func (b *bench) floors(program string, args ...string) []kind {
	argv := append([]string{b.Bin(program)}, args...)
	return []kind{{Name: harness.Floor, Argv: argv}, {Name: harness.FloorAgain, Argv: argv}}
}

// ropewalk are the rows of our server: on the engine that it takes itself, and on epoll as nearly all of the peers are.
func (b *bench) ropewalk(mode string, args ...string) []kind {
	argv := append([]string{b.Bin("ropewalk-web"), "-addr", "127.0.0.1:0", "-loops", "1", "-mode", mode}, args...)
	return []kind{
		{Name: ours, Argv: argv, Go: true},
		{Name: oursOnEpoll, Argv: append(argv[:len(argv):len(argv)], "-engine", "epoll"), Go: true},
	}
}

// peer is a server in Go.
func (b *bench) peer(name, program string, args ...string) kind {
	return kind{Name: name, Argv: append([]string{b.Bin(program)}, args...), Go: true}
}

func (b *bench) helloKinds() []kind {
	return b.chosen(b.floors("c-http"), b.ropewalk("hello"), []kind{
		b.peer("fasthttp", "fasthttp"),
		b.peer("nethttp", "nethttp"),
		b.nginxKind("nginx", web.NginxHello),
	})
}

func (b *bench) fileKinds(root string) []kind {
	return b.chosen(b.floors("c-http", "-root", root), b.ropewalk("files", "-root", root), []kind{
		b.nginxKind("nginx", web.NginxFiles(root, true, false)),
		b.nginxKind("nginx-cache", web.NginxFiles(root, true, true)),
		b.nginxKind("nginx-copy", web.NginxFiles(root, false, false)),
		b.peer("nethttp", "nethttp", "-mode", "files", "-root", root),
	})
}

func (b *bench) wsKinds() []kind {
	return b.chosen(b.floors("c-websocket"), b.ropewalk("ws"), []kind{
		b.peer("gobwas", "gobwas", "-mode", "ws"),
		b.peer("gobwas-plain", "gobwas", "-mode", "plain"),
		b.peer("gobwas-wsutil", "gobwas", "-mode", "wsutil"),
		b.peer("coder", "coder", "-mode", "ws"),
		b.peer("coder-read", "coder", "-mode", "read"),
		b.peer("nbio", "nbio", "-mode", "ws"),
	})
}

func (b *bench) broadcastKinds() []kind {
	return b.chosen(b.floors("c-websocket", "-mode", "broadcast"), b.ropewalk("broadcast"), []kind{
		b.peer("gobwas", "gobwas", "-mode", "broadcast"),
		b.peer("gobwas-writers", "gobwas", "-mode", "broadcast-writers"),
		b.peer("coder", "coder", "-mode", "broadcast"),
		b.peer("coder-writers", "coder", "-mode", "broadcast-writers"),
		b.peer("nbio", "nbio", "-mode", "broadcast"),
	})
}

func (b *bench) idleKinds() []kind {
	return b.chosen(b.floors("c-websocket")[:1], b.ropewalk("ws"), []kind{
		b.peer("gobwas", "gobwas", "-mode", "ws"),
		b.peer("coder", "coder", "-mode", "ws"),
		b.peer("nbio", "nbio", "-mode", "ws"),
	})
}

// chosen keeps the kinds that -servers asks for.
func (b *bench) chosen(lists ...[]kind) []kind {
	all := slices.Concat(lists...)
	if len(b.servers) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(k kind) bool {
		return k.Name != harness.Floor && k.Name != harness.FloorAgain && !slices.Contains(b.servers, k.Name)
	})
}

// present returns the kinds that can run here and answer right. Why one is missing is kept for the tables.
func (b *bench) present(part string, all []kind, verify func(*server) error) (good []kind, absent map[string]string) {
	absent = map[string]string{}
	for _, k := range all {
		if why := b.missing[k.Name]; why != "" {
			absent[k.Name] = why
			b.report.Logf("  %s is missing: %s", k.Name, why)
			continue
		}
		if err := b.try(k, verify); err != nil {
			absent[k.Name] = "it does not answer right"
			b.report.Fail("%s: %s answers wrong, so it is not timed: %v", part, k.Name, err)
			continue
		}
		good = append(good, k)
	}
	return good, absent
}

func (b *bench) try(k kind, verify func(*server) error) error {
	s, err := harness.Start(b.ctx, k)
	if err != nil {
		return err
	}
	defer s.Stop()
	return verify(s)
}
