package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"golang.org/x/sys/unix"
)

// Rows of the relay.
const (
	copyProxy   = "c recv+send" // what all others are compared with
	copyAgain   = "c recv+send again"
	spliceProxy = "c splice, 1 MiB pipes"
	goProxy     = "Go io.Copy"
	haproxyRow  = "haproxy, splice, 1 MiB"
	ourRelay    = "ropewalk Relay" // on the engine that programs get that name none
	ourEpoll    = "ropewalk Relay, epoll"
	ourTapped   = "ropewalk Relay, tapped"
	ourCopying  = "ropewalk Relay, no pipe"
)

// proxies returns the proxies in front of a backend at a port of this machine, those that can be had here; and variants of ours.
func (l *lab) proxies(to string, variants bool) []kind {
	c := func(name, way string) kind {
		return kind{Name: name, Argv: []string{l.Bin("proxy"), "-way", way, "-to", to}}
	}
	all := []kind{
		c(copyProxy, "copy"), c(copyAgain, "copy"), c(spliceProxy, "splice"),
		{Name: goProxy, Argv: []string{l.Bin("gocopy"), "-to", to}, Go: true},
	}
	if k, err := l.haproxy(to); err != nil {
		l.absent[haproxyRow] = err.Error()
	} else {
		all = append(all, k)
	}
	if l.absent[ourRelay] != "" {
		return all
	}
	ours := func(name string, more ...string) kind {
		argv := []string{l.Bin("relay"), "-addr", "127.0.0.1:0", "-loops", "1", "-upstream", "127.0.0.1:" + to}
		return kind{Name: name, Argv: append(argv, more...), Go: true}
	}
	if all = append(all, ours(ourRelay), ours(ourEpoll, "-engine", "epoll")); variants {
		all = append(all, ours(ourTapped, "-tap", os.DevNull), ours(ourCopying, "-pipe", "-1"))
	}
	return all
}

// haproxyConfig is what makes haproxy splice in both directions, with the largest pipes an ordinary user may have.
const haproxyConfig = `global
    nbthread 1
    maxconn 2000
    tune.pipesize 1048576
defaults
    mode tcp
    option splice-request
    option splice-response
    timeout connect 5s
    timeout client 5m
    timeout server 5m
listen lab
    bind 127.0.0.1:%s
    server backend 127.0.0.1:%s
`

func (l *lab) haproxy(to string) (kind, error) {
	path, err := exec.LookPath("haproxy")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/haproxy"); err != nil {
			return kind{}, fmt.Errorf("haproxy is not installed (apt-get install haproxy)")
		}
	}
	port, err := freePort()
	if err != nil {
		return kind{}, err
	}
	name := l.Bin("haproxy-" + to + ".conf")
	if err := os.WriteFile(name, fmt.Appendf(nil, haproxyConfig, port, to), 0o600); err != nil {
		return kind{}, err
	}
	return kind{Name: haproxyRow, Argv: []string{path, "-db", "-q", "-f", name}, Port: port, Optional: true}, nil
}

// freePort returns a port that was free a moment ago.
func freePort() (string, error) {
	c, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer c.Close()
	return strconv.Itoa(c.Addr().(*net.TCPAddr).Port), nil
}

// backend starts a server that is not measured, on the CPU of the load.
func (l *lab) backend(k kind) (*server, error) {
	k.Free = true
	s, err := harness.Start(l.ctx, k)
	if err != nil {
		return nil, err
	}
	var one unix.CPUSet
	one.Set(harness.LoadCPU)
	if err := unix.SchedSetaffinity(s.Pid(), &one); err != nil { // threads that it starts inherit that
		s.Stop()
		return nil, err
	}
	return s, nil
}

// startProxies starts those that start; others are noted as absent.
func (l *lab) startProxies(to string, variants bool) []*server {
	var servers []*server
	for _, k := range l.proxies(to, variants) {
		s, err := harness.Start(l.ctx, k)
		if err != nil {
			if !k.Optional {
				l.report.Fail("%v", err)
			}
			l.absent[k.Name] = err.Error()
			continue
		}
		servers = append(servers, s)
	}
	return servers
}

func stopAll(servers []*server) {
	for _, s := range servers {
		s.Stop()
	}
}
