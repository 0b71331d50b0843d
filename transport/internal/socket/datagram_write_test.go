//go:build linux

package socket

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel/datagram"
)

// What the system says about a run decides whether, and for which sizes, packets go together from then on.
func TestSegmentationRefused(t *testing.T) {
	one := datagram.Limits{Runs: maxMessages, Segments: 1}
	upTo := func(size int) datagram.Limits {
		return datagram.Limits{Runs: maxMessages, Segments: maxSegments, Size: size}
	}
	for _, c := range []struct {
		errno  unix.Errno
		size   int
		of     bool // it may be about the run
		limits datagram.Limits
	}{
		{unix.EIO, 100, true, one},
		{unix.EOPNOTSUPP, 100, true, one},
		{unix.EINVAL, 1500, true, upTo(1499)},
		{unix.EMSGSIZE, 1500, true, upTo(1499)},
		{unix.EINVAL, 1, true, one},
		{unix.EINVAL, 60_000, true, upTo(9000)},
		{unix.EPERM, 100, false, upTo(9000)},
		{unix.EAGAIN, 100, false, upTo(9000)},
		{unix.ENOBUFS, 100, false, upTo(9000)},
	} {
		o := gso{on: true, most: 9000}
		if of := o.refused(c.errno, c.size); of != c.of || o.limits() != c.limits {
			t.Errorf("%v of a run of %d bytes each: %v, %+v, want %v, %+v", c.errno, c.size, of, o.limits(), c.of, c.limits)
		}
	}
}
