//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// net runs the servers where sockets have hardly any buffers.
func (t *trial) net() error {
	if err := shrink(); err != nil {
		return fmt.Errorf("a network namespace of its own (unshare --net): %w", err)
	}
	all, err := t.subjects("echo", "frames", "files")
	if err != nil {
		return err
	}
	for i, mtu := range []uint32{1500, 65536} {
		if err := loopback(mtu); err != nil {
			return err
		}
		name := fmt.Sprintf("mtu %d", mtu)
		err := each(all, func(s *subject) error {
			r, err := s.load(1+i, options{conns: 64, length: t.length, large: 1 << 20, slow: true, small: true})
			if err == nil && r.cut != 0 {
				err = fmt.Errorf("%d connections were cut: %w", r.cut, r.why)
			}
			if err != nil {
				return s.dump(fmt.Errorf("%s: %w", name, err))
			}
			report(s, name, r)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return each(all, (*subject).finish)
}

// shrink makes the buffers of all TCP sockets to come as small as they can be, and sees that they are.
func shrink() error {
	links, err := net.Interfaces()
	if err != nil {
		return err
	}
	if len(links) != 1 || links[0].Flags&net.FlagUp != 0 {
		return errors.New("this one is in use, and the trial would break what uses it")
	}
	for _, name := range []string{"tcp_rmem", "tcp_wmem"} {
		if err := os.WriteFile("/proc/sys/net/ipv4/"+name, []byte("4096 4096 4096"), 0); err != nil {
			return err
		}
		text, err := os.ReadFile("/proc/sys/net/ipv4/" + name)
		if err != nil {
			return err
		}
		if strings.Join(strings.Fields(string(text)), " ") != "4096 4096 4096" {
			return fmt.Errorf("%s is %s", name, text)
		}
	}
	// So small buffers make the system drop segments. That it waits longer after each loss, up to two minutes, and gives up at last,
	// tests nothing of ours. Kernels before 6.15 do not have the first of these.
	for name, value := range map[string]string{"tcp_rto_max_ms": "1000", "tcp_retries2": "100", "tcp_orphan_retries": "100"} {
		if err := os.WriteFile("/proc/sys/net/ipv4/"+name, []byte(value), 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return loopback(65536)
}

// loopback sets the largest packet of the loopback interface, and brings it up.
func loopback(mtu uint32) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint32(mtu)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFMTU, request); err != nil {
		return os.NewSyscallError("SIOCSIFMTU", err)
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request); err != nil {
		return os.NewSyscallError("SIOCSIFFLAGS", err)
	}
	return nil
}

// checkSmall sees that a socket has small buffers. The kernel counts what it keeps beside the bytes too.
func checkSmall(c *net.TCPConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for _, option := range []int{unix.SO_RCVBUF, unix.SO_SNDBUF} {
			if n, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, option); err != nil || n > 8<<10 {
				failed = fmt.Errorf("a socket's buffer has %d bytes, not 4 KiB: %v", n, err)
			}
		}
	})
	return errors.Join(err, failed)
}
