package gnet

import (
	"cmp"
	"net"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/transport/engine"
)

const defaultKeepAlive = 15 * time.Second

// control returns what package net calls with a socket before it is bound or connected.
func control(o engine.SocketOptions, listening, reuse bool) func(string, string, syscall.RawConn) error {
	return func(network, address string, raw syscall.RawConn) error {
		var err error
		ctlErr := raw.Control(func(fd uintptr) {
			if err = beforeUse(network, fd, o, listening, reuse); err == nil && o.Control != nil {
				err = o.Control(network, address, fd)
			}
		})
		if ctlErr != nil {
			return ctlErr
		}
		return err
	}
}

// configure sets the options of a connection.
func configure(nc net.Conn, o engine.SocketOptions) error {
	tc, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	if o.Delay { // package net has switched it off
		if err := tc.SetNoDelay(false); err != nil {
			return err
		}
	}
	idle := cmp.Or(o.KeepAlive, defaultKeepAlive)
	return tc.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable: idle > 0, Idle: idle, Interval: cmp.Or(o.KeepAliveInterval, idle), Count: cmp.Or(o.KeepAliveCount, -1),
	})
}
