//go:build linux

package socket

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A kept socket is one whose channel is closed while the kernel may still read what was sent on it without a copy. Closing it
// would not end that: the kernel goes on sending until the peer has acknowledged all, but has nobody left to tell when. So a
// duplicate of the descriptor stays open until it has told.
//
//	closed in order   shut down in both directions, which the peer sees as it sees a close
//	aborted           disconnected, by connect(2) to no address: a reset, and what was not sent is dropped
//
// A peer that acknowledges nothing more for a minute is disconnected too. If the process has no descriptor left for the duplicate
// the connection is disconnected before it is closed. Then nothing is sent again, and what may still be read is in the queue of a
// network device, which does not take a minute: so long it is held.
type kept struct {
	fd int // -1 if there is none
	holding
	since time.Duration // of the last notice, on the loop's clock
	reset bool
}

const (
	keptPatience = time.Minute
	minKeptLook  = time.Millisecond // between looks at kept sockets
	maxKeptLook  = 64 * time.Millisecond
	keptLooks    = 256         // sockets that are looked at, at a time
	keptEnd      = time.Second // how long a loop that ends waits for them
)

// keep holds on to the socket of a connection that is about to be closed, if the kernel may still read what was sent on it.
func (c *Conn) keep(abort bool) {
	l := c.loop()
	c.Notified()
	z := &l.features[c].zero
	if !z.outstanding() {
		return
	}
	fd, err := unix.FcntlInt(uintptr(c.FD), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		disconnect(int(c.FD))
		if c.Notified(); !z.outstanding() {
			return
		}
		fd = -1
	} else {
		c.Flags |= Shared
		if abort {
			disconnect(fd)
		} else {
			unix.Shutdown(fd, unix.SHUT_RDWR)
		}
	}
	k := &kept{fd: fd, holding: z.holding, since: l.Now(), reset: abort || fd < 0}
	z.holding = holding{}
	l.kept = append(l.kept, k)
	l.keptLook, l.keptAt = minKeptLook, l.Now()+minKeptLook
}

// disconnect resets a connection, and drops what the kernel has not sent (connect(2)).
func disconnect(fd int) {
	sa := unix.RawSockaddr{Family: unix.AF_UNSPEC}
	unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&sa)), unsafe.Sizeof(sa))
}

// keptPatience shortens a wait to the time when kept sockets are to be looked at.
func (l *Loop) keptPatience(d, now time.Duration) time.Duration {
	left := max(l.keptAt-now, 0)
	if d < 0 {
		return left
	}
	return min(d, left)
}

// lookAtKept gives up what the kernel has let go of, in kept sockets, and closes those of which nothing is left.
func (l *Loop) lookAtKept(now time.Duration) {
	if now < l.keptAt {
		return
	}
	news := false
	for range min(keptLooks, len(l.kept)) {
		k := l.kept[0]
		l.kept = append(l.kept[:0], l.kept[1:]...)
		if k.look(l, now) {
			news = true
		}
		if k.outstanding() {
			l.kept = append(l.kept, k)
		} else if k.fd >= 0 {
			unix.Close(k.fd)
		}
	}
	if l.keptLook = min(2*l.keptLook, maxKeptLook); news {
		l.keptLook = minKeptLook
	}
	l.keptAt = now + l.keptLook
}

// look takes the notices of a kept socket, and tells whether there were any.
func (k *kept) look(l *Loop, now time.Duration) (news bool) {
	if k.fd < 0 {
		if now-k.since >= keptPatience {
			k.releaseAll()
		}
		return false
	}
	news = l.notices(k.fd, func(low, high uint32, copied bool) {
		n := k.release(low, high)
		if copied {
			l.Calls.ZeroCopyCopied += uint64(n)
		}
	})
	switch {
	case news:
		k.since = now
	case !k.reset && now-k.since >= keptPatience:
		k.reset, k.since = true, now
		disconnect(k.fd)
	}
	return news
}

// endKept resets what is left, and waits for the kernel to let go of it. What it has not after a second stays in memory for
// ever, since nobody would be told when it may be used again.
func (l *Loop) endKept() {
	for _, k := range l.kept {
		if !k.reset {
			disconnect(k.fd)
		}
	}
	for start := time.Now(); len(l.kept) > 0 && time.Since(start) < keptEnd; { // the loop's clock may stand still
		l.Tick()
		l.keptAt = 0
		l.lookAtKept(l.Now())
		if len(l.kept) > 0 {
			l.Poller.Wait(minKeptLook)
		}
	}
	for _, k := range l.kept {
		l.group.config.Logger.Error("ropewalk: the kernel still reads what was sent without a copy", "calls", len(k.calls)-k.from)
		if k.fd >= 0 {
			unix.Close(k.fd)
		}
	}
	l.kept = nil
}
