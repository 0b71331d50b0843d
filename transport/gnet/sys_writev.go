//go:build darwin || openbsd

package gnet

import "golang.org/x/sys/unix"

const canGather = true

// vectors is not needed here.
type vectors struct{}

func (vectors) send(fd int, pieces [][]byte, _ bool) (n, all int, err error) {
	for _, p := range pieces {
		all += len(p)
	}
	n, err = unix.Writev(fd, pieces)
	return n, all, err
}
