//go:build unix && !linux

package gnet

import "github.com/ropewalk/ropewalk/transport/engine"

// allOptions tells whether SocketOptions are taken as far as the system has them: here that goes for buffers, keep-alive and Delay.
const allOptions = false

func settingsTCP(string, engine.SocketOptions, bool) []setting { return nil }
