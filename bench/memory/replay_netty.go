package main

import (
	"fmt"
	"time"
)

// nettyReplayer replays in a JVM.
type nettyReplayer struct {
	n              *netty
	elsewhere      int
	residentBefore int64
}

// nettyFixedHeap makes a Java heap resident from the start, so that growth is direct memory, for the most part.
var nettyFixedHeap = []string{"-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=8g"}

// nettyReplay replays a pattern in a JVM of its own that is not warmed up: how fast it is does not matter here.
func (b *bench) nettyReplay(p pattern) (fragments, error) {
	n, err := b.java.start(b.ctx, nettyFixedHeap...)
	if err != nil {
		return fragments{}, err
	}
	r := &nettyReplayer{n: n, residentBefore: rss(n.cmd.Process.Pid)}
	if p.elsewhere {
		r.elsewhere = 1
	}
	return drive(p, r)
}

func (r *nettyReplayer) do(ops []op) (s sample, err error) {
	line, err := r.n.send(fmt.Sprintf("replay %d %d", len(ops), r.elsewhere), ops)
	if err != nil {
		return s, err
	}
	var ns int64
	_, err = fmt.Sscan(line, &s.held, &s.live, &ns)
	s.took = time.Duration(ns)
	s.resident = rss(r.n.cmd.Process.Pid) - r.residentBefore
	return s, err
}

func (r *nettyReplayer) close() error {
	r.n.stop()
	return nil
}
