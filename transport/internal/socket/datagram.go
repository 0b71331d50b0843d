//go:build linux

package socket

import (
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// Datagrams is a socket for packets and the backend of its datagram.Socket. All fields but those under mu belong to its loop.
type Datagrams struct {
	datagram.Port
	l      *Loop
	owner  *datagramOwner
	family int
	local  netip.AddrPort
	most   int // bytes of a packet that is accepted
	flags  datagramFlag
	pace   pace
	gso    gso

	mu      sync.Mutex // so that the descriptor is not asked when it is closed, and perhaps another's
	fd      int        // -1 once the socket is closed; written under mu, by the loop
	overrun uint64     // when it was closed
}

type datagramFlag uint8

const (
	packetsIn   datagramFlag = 1 << iota // input is to be reported
	packetsOut                           // room for output is to be reported
	askedAgain                           // Loop.Again was called
	sendAgain                            // because a flush had no time for all
	readAgain                            // because a read had not
	lastPackets                          // to be closed when all input is delivered
	retried                              // the network's error was taken for that of a packet, and the packet is tried again
)

var (
	_ datagram.Backend = (*Datagrams)(nil)
	_ Watched          = (*Datagrams)(nil)
)

// datagramsOf are the sockets of a loop.
var datagramsOf = channel.NewLocal(func(*channel.Loop) *map[*Datagrams]struct{} { return &map[*Datagrams]struct{}{} })

// open puts the socket into its loop and opens it, or closes it and tells why.
func (d *Datagrams) open(accept func(*datagram.Socket) datagram.Sink, peer netip.AddrPort, o *datagram.Options, s *engine.DatagramOptions) error {
	in := false
	defer func() {
		if !in { // refused, or accept has panicked
			d.Refuse()
			unix.Close(d.fd)
			d.closed()
		}
	}()
	d.Init(d.l.Loop, d, nil, peer, o)
	if err := d.setUp(s); err != nil {
		return err
	}
	sink := accept(&d.Socket)
	if sink == nil {
		return errNoSink
	}
	d.Init(d.l.Loop, d, sink, peer, o)
	if err := d.l.Poller.Watch(d.fd, d, unix.EPOLLIN); err != nil {
		return err
	}
	in = true
	d.flags |= packetsIn
	d.l.conns.Add(1)
	(*datagramsOf.Of(d.l.Loop))[d] = struct{}{}
	d.Open()
	if !d.Reading() && d.fd >= 0 {
		d.want(packetsIn, false)
	}
	return nil
}

// Serve implements Watched. Output goes first: it may free what input needs.
func (d *Datagrams) Serve(events uint32) {
	if events == 0 {
		d.flags &^= askedAgain
	}
	if d.fd < 0 {
		return
	}
	if events&unix.EPOLLERR != 0 && d.flags&packetsIn == 0 { // else the read gets it
		if errno, err := unix.GetsockoptInt(d.fd, unix.SOL_SOCKET, unix.SO_ERROR); err == nil && errno != 0 {
			d.Failed(unix.Errno(errno))
		}
	}
	if events&unix.EPOLLOUT != 0 || d.flags&sendAgain != 0 {
		d.flags &^= sendAgain
		d.Ready()
	}
	if d.flags&packetsIn != 0 && (events&(unix.EPOLLIN|unix.EPOLLERR|unix.EPOLLHUP) != 0 || d.flags&readAgain != 0) && d.fd >= 0 {
		d.flags &^= readAgain
		if d.read() {
			d.again(readAgain)
		}
		if d.flags&lastPackets != 0 && d.fd >= 0 {
			d.drain()
		}
	}
}

// again has Serve called in the next turn, for what there was no time for in this one.
func (d *Datagrams) again(why datagramFlag) {
	if d.fd < 0 {
		return
	}
	if d.flags&askedAgain == 0 {
		d.l.Again(d)
	}
	d.flags |= why | askedAgain
}

// SetReading implements datagram.Backend.
func (d *Datagrams) SetReading(on bool) {
	d.want(packetsIn, on)
	if on && d.flags&lastPackets != 0 {
		d.later((*Datagrams).drain)
	}
}

// want changes what the poller is to report.
func (d *Datagrams) want(f datagramFlag, on bool) {
	if (d.flags&f != 0) == on {
		return
	}
	d.flags ^= f
	var events uint32
	if d.flags&packetsIn != 0 {
		events |= unix.EPOLLIN
	}
	if d.flags&packetsOut != 0 {
		events |= unix.EPOLLOUT
	}
	if err := d.l.Poller.Change(d.fd, events); err != nil {
		d.Abort(channel.NewOpError("poll", err))
	}
}

// HasInput implements datagram.Backend.
func (d *Datagrams) HasInput() bool {
	d.l.Calls.Control++
	p := []unix.PollFd{{Fd: int32(d.fd), Events: unix.POLLIN}}
	n, err := unix.Poll(p, 0)
	return n != 0 || err != nil
}

// Local implements datagram.Backend.
func (d *Datagrams) Local() netip.AddrPort { return d.local }

// Overrun implements datagram.Backend.
func (d *Datagrams) Overrun() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fd >= 0 {
		d.overrun, _ = drops(d.fd)
	}
	return d.overrun
}

// Close implements datagram.Backend.
func (d *Datagrams) Close() {
	d.Overrun() // for the last time
	d.l.conns.Add(-1)
	d.l.Calls.Control++
	delete(*datagramsOf.Of(d.l.Loop), d)
	d.l.Poller.Unwatch(d.fd)
	d.closed()
}

func (d *Datagrams) closed() {
	d.mu.Lock()
	d.fd = -1 // the number will soon be another's
	d.mu.Unlock()
	d.gone()
}

// drain closes the socket as soon as everything that was received is delivered. While reading is paused that is not yet so:
// SetReading and further input come back here.
func (d *Datagrams) drain() {
	const most = 16 // reads at a time
	d.flags |= lastPackets
	for range most {
		switch {
		case d.Closing():
			return
		case !d.Reading():
			return
		case !d.HasInput():
			d.Port.Drain()
			return
		}
		d.read()
	}
	d.Port.Drain() // packets come faster than they can be answered
}

// later calls f on the loop, unless the socket is closed by then. It may be called by any goroutine.
func (d *Datagrams) later(f func(*Datagrams)) {
	d.l.Insist(func(err error) {
		if err == nil && d.fd >= 0 {
			f(d)
		}
	})
}

// abortDatagrams ends the sockets for packets of a loop that stops.
func (l *Loop) abortDatagrams() {
	for d := range *datagramsOf.Of(l.Loop) {
		d.Abort(channel.ErrShutdown)
	}
}
