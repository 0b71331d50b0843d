package std

import (
	"cmp"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/transport/engine"
)

const defaultKeepAlive = 15 * time.Second

// check refuses options that package net has no way to set; with Control a program can set them itself.
func check(o engine.SocketOptions, c engine.Capabilities) error {
	if err := o.Check(c); err != nil {
		return err
	}
	for _, option := range []struct {
		name string
		set  bool
	}{
		{"UserTimeout", o.UserTimeout != 0},
		{"NotSentLowat", o.NotSentLowat != 0},
		{"DeferAccept", o.DeferAccept != 0},
		{"FastOpen", o.FastOpen != 0},
		{"TypeOfService", o.TypeOfService != 0},
		{"Priority", o.Priority != 0},
		{"BusyPoll", o.BusyPoll != 0},
	} {
		if option.set {
			return fmt.Errorf("SocketOptions.%s: %w", option.name, engine.ErrUnsupported)
		}
	}
	return nil
}

// control returns what package net calls with a socket before it is bound or connected.
func control(o engine.SocketOptions) func(string, string, syscall.RawConn) error {
	return func(network, address string, raw syscall.RawConn) error {
		var err error
		ctlErr := raw.Control(func(fd uintptr) {
			// Buffer sizes must be known before the handshake, which announces the window's scale, tcp(7).
			if err = setBuffers(fd, o.ReceiveBuffer, o.SendBuffer); err == nil && o.Control != nil {
				err = o.Control(network, address, fd)
			}
		})
		if ctlErr != nil {
			return ctlErr
		}
		return err
	}
}

// keepAlive returns what package net sets for each connection.
func keepAlive(o engine.SocketOptions) net.KeepAliveConfig {
	idle := o.KeepAlive
	if idle == 0 {
		idle = defaultKeepAlive
	}
	return net.KeepAliveConfig{Enable: o.KeepAlive >= 0, Idle: idle, Interval: cmp.Or(o.KeepAliveInterval, idle), Count: cmp.Or(o.KeepAliveCount, -1)}
}

// setOptions sets what package net does not by itself, and cannot be set before. The connections of functions of others stay as
// they are.
func setOptions(nc net.Conn, o engine.SocketOptions, own bool) {
	tc, ok := nc.(*net.TCPConn)
	if !ok || own {
		return
	}
	if o.Delay {
		tc.SetNoDelay(false)
	}
	if !haveBuffers && o.ReceiveBuffer > 0 {
		tc.SetReadBuffer(o.ReceiveBuffer)
	}
	if !haveBuffers && o.SendBuffer > 0 {
		tc.SetWriteBuffer(o.SendBuffer)
	}
}
