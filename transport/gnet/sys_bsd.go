//go:build unix && !linux

package gnet

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

const (
	canSendfile  = false // by copies
	canReusePort = runtime.GOOS == "freebsd" || runtime.GOOS == "dragonfly"
)

// keptOptions are those of connections that net.FileConn changes.
var keptOptions = []option{
	{level: unix.IPPROTO_TCP, name: unix.TCP_NODELAY},
	{level: unix.SOL_SOCKET, name: unix.SO_KEEPALIVE},
}

func sendOne(fd int, p []byte, _ bool) (int, error) { return unix.Write(fd, p) }

// sendFile sends up to limit bytes of a file. all is what it tried to send.
func (c *conn) sendFile(f *channel.File, limit int) (n, all int, err error) {
	return c.copyFile(f, limit)
}

// peerEnded tells whether the end of the stream has come behind the input that is there, which is not known.
func peerEnded(int) bool { return true }
