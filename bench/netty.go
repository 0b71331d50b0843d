package main

import (
	"github.com/ropewalk/ropewalk/bench/peers/netty"
)

// buildNetty compiles the server in Java, and returns how it is started, or why it is missing.
func (b *bench) buildNetty() (argv []string, missing string) {
	argv, err := netty.Build(b.ctx, b.Dir)
	if err != nil {
		return nil, err.Error()
	}
	return argv, ""
}
