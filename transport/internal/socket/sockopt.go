//go:build linux

package socket

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
)

const defaultKeepAlive = 15 * time.Second

// option is one socket option. Those without a value are not set.
type option struct {
	level, name int
	value       int
	text        string // for errors
}

// setAll sets options.
func setAll(fd int, options []option) error {
	for _, o := range options {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return os.NewSyscallError(fmt.Sprintf("setsockopt %s to %d", o.text, o.value), err)
		}
	}
	return nil
}

// units returns d in whole units, rounded up.
func units(d, unit time.Duration) int { return int((d + unit - 1) / unit) }

// A use is what a socket is made for.
type use struct {
	listening bool
	reuse     bool // the address, with SO_REUSEPORT
}

// control returns what package net calls with a socket before it is bound or connected.
func control(o engine.SocketOptions, u use) func(string, string, syscall.RawConn) error {
	return func(network, address string, raw syscall.RawConn) error {
		var err error
		ctlErr := raw.Control(func(fd uintptr) {
			if err = setAll(int(fd), early(o, u, network)); err == nil && o.Control != nil {
				err = o.Control(network, address, fd)
			}
		})
		if ctlErr != nil {
			return ctlErr
		}
		return err
	}
}

// early returns the options that have to be set before a socket is bound or connected, because the handshake needs them. Accepted
// sockets inherit them from the listening one.
func early(o engine.SocketOptions, u use, network string) (options []option) {
	set := func(level, name, value int, text string) {
		if value > 0 {
			options = append(options, option{level, name, value, text})
		}
	}
	if u.reuse {
		set(unix.SOL_SOCKET, unix.SO_REUSEPORT, 1, "SO_REUSEPORT")
	}
	// The sizes decide on the scale of the window, which the handshake announces, tcp(7).
	set(unix.SOL_SOCKET, unix.SO_RCVBUF, o.ReceiveBuffer, "SO_RCVBUF")
	set(unix.SOL_SOCKET, unix.SO_SNDBUF, o.SendBuffer, "SO_SNDBUF")
	if network == "unix" {
		return options
	}
	set(unix.IPPROTO_IP, unix.IP_TOS, o.TypeOfService, "IP_TOS") // also for IPv6, which may take connections of IPv4
	if network == "tcp6" {
		set(unix.IPPROTO_IPV6, unix.IPV6_TCLASS, o.TypeOfService, "IPV6_TCLASS")
	}
	set(unix.SOL_SOCKET, unix.SO_PRIORITY, o.Priority, "SO_PRIORITY") // after IP_TOS, which sets it too
	set(unix.SOL_SOCKET, unix.SO_BUSY_POLL, units(o.BusyPoll, time.Microsecond), "SO_BUSY_POLL")
	set(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, units(o.UserTimeout, time.Millisecond), "TCP_USER_TIMEOUT")
	set(unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, o.NotSentLowat, "TCP_NOTSENT_LOWAT")
	if o.ZeroCopy {
		set(unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1, "SO_ZEROCOPY")
	}
	if u.listening {
		set(unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, units(o.DeferAccept, time.Second), "TCP_DEFER_ACCEPT")
		set(unix.IPPROTO_TCP, unix.TCP_FASTOPEN, o.FastOpen, "TCP_FASTOPEN")
	}
	return options
}

// setOptions sets what package net sets too, and so what has to be set after it.
func setOptions(fd int, o engine.SocketOptions, tcp bool) error {
	if !tcp {
		return nil
	}
	options := []option{{unix.IPPROTO_TCP, unix.TCP_NODELAY, 1, "TCP_NODELAY"}}
	if o.Delay {
		options[0].value = 0
	}
	if o.KeepAlive < 0 {
		return setAll(fd, append(options, option{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0, "SO_KEEPALIVE"}))
	}
	idle := o.KeepAlive
	if idle == 0 {
		idle = defaultKeepAlive
	}
	interval := o.KeepAliveInterval
	if interval == 0 {
		interval = idle
	}
	options = append(options,
		option{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1, "SO_KEEPALIVE"},
		option{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, units(idle, time.Second), "TCP_KEEPIDLE"},
		option{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, units(interval, time.Second), "TCP_KEEPINTVL"})
	if o.KeepAliveCount > 0 {
		options = append(options, option{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, o.KeepAliveCount, "TCP_KEEPCNT"})
	}
	return setAll(fd, options)
}

func isTCPAddr(a net.Addr) bool { _, ok := a.(*net.TCPAddr); return ok }

// dupFD returns a descriptor of our own for a socket of package net. It shares the socket's non-blocking mode.
func dupFD(sock any) (int, error) {
	sc, ok := sock.(syscall.Conn)
	if !ok {
		return -1, syscall.EINVAL
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd := -1
	ctlErr := raw.Control(func(old uintptr) {
		fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0)
	})
	if ctlErr != nil {
		return -1, ctlErr
	}
	return fd, os.NewSyscallError("dup", err)
}
