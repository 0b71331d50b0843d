//go:build !linux

package transport

import (
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/std"
)

// startBest starts a group on the best engine that works here.
func startBest(c engine.Config) (engine.Group, error) { return std.Engine{}.Start(c) }

func openFiles() int { return 1024 }
