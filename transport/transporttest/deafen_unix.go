//go:build unix

package transporttest

import (
	"context"
	"net"
	"syscall"
	"time"
)

// deafen fills the queue of a listener that accepts nothing, so that the system does not answer the next connection, and
// tells whether it could.
func deafen(w *world, h *host) bool {
	sc, ok := h.Listener.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), 0) }) // the shortest queue
	if err != nil {
		return false
	}
	for range 10 {
		d := net.Dialer{Timeout: 50 * time.Millisecond}
		c, err := d.DialContext(context.Background(), h.Addr().Network(), h.Addr().String())
		if err != nil {
			return true
		}
		w.newPeer(c)
	}
	return false
}
