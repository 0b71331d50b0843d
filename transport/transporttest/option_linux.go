package transporttest

import (
	"net"
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

const canInspect = true

// inspect finds the descriptor of this process that is connected from local to remote.
func inspect(t *testing.T, local, remote net.Addr) (s socketState) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		fd, _ := strconv.Atoi(e.Name())
		from, err1 := unix.Getsockname(fd)
		to, err2 := unix.Getpeername(fd)
		if err1 != nil || err2 != nil || text(from) != local.String() || text(to) != remote.String() {
			continue
		}
		get := func(level, name int) int {
			v, err := unix.GetsockoptInt(fd, level, name)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		s.noDelay = get(unix.IPPROTO_TCP, unix.TCP_NODELAY) != 0
		if get(unix.SOL_SOCKET, unix.SO_KEEPALIVE) != 0 {
			s.keepAlive = get(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE)
		}
		between := func(v int) bool { return v >= 50_000 && v <= 250_000 }
		// The send buffer of a new connection may be small as long as the kernel tunes it; a large receive buffer tells.
		s.buffers = between(get(unix.SOL_SOCKET, unix.SO_SNDBUF)) && between(get(unix.SOL_SOCKET, unix.SO_RCVBUF)) &&
			get(unix.SOL_SOCKET, unix.SO_SNDBUF) == 100_000
		return s
	}
	t.Fatalf("no descriptor is connected from %s to %s", local, remote)
	return s
}

func text(sa unix.Sockaddr) string {
	if in, ok := sa.(*unix.SockaddrInet4); ok {
		return (&net.TCPAddr{IP: in.Addr[:], Port: in.Port}).String()
	}
	return ""
}
