//go:build freebsd || netbsd || dragonfly

package gnet

import "golang.org/x/sys/unix"

const canGather = false

// vectors is where pieces are put together: package unix has no writev for all of these systems.
type vectors []byte

const together = 64 << 10

func (v *vectors) send(fd int, pieces [][]byte, _ bool) (n, all int, err error) {
	*v = (*v)[:0]
	for _, p := range pieces {
		if len(*v)+len(p) > together {
			break
		}
		*v = append(*v, p...)
	}
	if len(*v) == 0 {
		*v = append(*v, pieces[0][:together]...)
	}
	n, err = unix.Write(fd, *v)
	return n, len(*v), err
}
