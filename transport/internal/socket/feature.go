//go:build linux

package socket

import (
	"cmp"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// feature is what a connection has that was asked for in SocketOptions and is not usual. It stands beside the connections, which
// stay small.
type feature struct {
	descriptors int // that may wait to be taken
	zero        zeroCopy
}

// setFeatures notes what a connection has that is not usual.
func (l *Loop) setFeatures(c *Conn, o *engine.SocketOptions) {
	if o.Priority > 0 && c.Flags&isTCP != 0 { // of all options the one that is not inherited
		l.Calls.Control++
		unix.SetsockoptInt(int(c.FD), unix.SOL_SOCKET, unix.SO_PRIORITY, o.Priority) // that of the listening socket was set
	}
	switch {
	case o.Descriptors > 0 && c.Flags&isTCP == 0:
		c.Flags |= Passing
		l.feature(c).descriptors = o.Descriptors
	case o.ZeroCopy && c.Flags&isTCP != 0:
		// Without the option the kernel would ignore the flag of sendmsg, and never tell of it.
		if on, err := unix.GetsockoptInt(int(c.FD), unix.SOL_SOCKET, unix.SO_ZEROCOPY); err != nil || on == 0 {
			return
		}
		c.Flags |= ZeroCopying
		l.feature(c).zero.least = cmp.Or(o.ZeroCopyBytes, engine.DefaultZeroCopyBytes)
	}
}

// feature returns that of a connection, which gets one if it has none.
func (l *Loop) feature(c *Conn) *feature {
	f := l.features[c]
	if f == nil {
		if l.features == nil {
			l.features = make(map[*Conn]*feature)
		}
		f = new(feature)
		l.features[c] = f
	}
	return f
}
