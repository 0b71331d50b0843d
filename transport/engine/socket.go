package engine

import (
	"fmt"
	"math"
	"time"
)

// SocketOptions are options of the sockets of connections. Zero fields leave the system's default, except as noted. Times are
// rounded up to what the system counts in. What an accepted connection has, it has from its listening socket, so its first
// segments have it too. Fields that are about TCP have no effect on Unix sockets. An address that is in use only by connections
// that have ended can be listened on at once, as with package net (SO_REUSEADDR, socket(7)).
type SocketOptions struct {
	// Delay leaves Nagle's algorithm on, which waits for more to send. By default it is off (TCP_NODELAY, tcp(7)): what
	// a burst has produced leaves in one call anyway.
	Delay bool
	// KeepAlive is the idle time after which the kernel probes the peer, in whole seconds (TCP_KEEPIDLE, tcp(7)). Zero means
	// 15 s, negative means no probes.
	KeepAlive time.Duration
	// KeepAliveInterval is the time between probes that are not answered, in whole seconds (TCP_KEEPINTVL). Zero means that of
	// KeepAlive.
	KeepAliveInterval time.Duration
	// KeepAliveCount is how many probes in a row may get no answer until the connection counts as broken (TCP_KEEPCNT), up to 127.
	KeepAliveCount int
	// UserTimeout is how long sent data may stay unacknowledged until the connection counts as broken, in milliseconds
	// (TCP_USER_TIMEOUT, tcp(7), RFC 5482). The system's default is some 15 minutes. It also bounds unanswered probes, in place of
	// KeepAliveCount.
	UserTimeout time.Duration
	// NotSentLowat is how many bytes may wait in the kernel that were not sent at all, until the socket counts as full
	// (TCP_NOTSENT_LOWAT, tcp(7)): what waits longer stays in our queue, where Watermark sees it. 16 KiB to 128 KiB are usual.
	NotSentLowat int
	// DeferAccept has a listening socket report a connection when its first bytes have come, or after this time, in whole seconds
	// which the kernel turns into a number of retransmissions (TCP_DEFER_ACCEPT, tcp(7)). It is for protocols in which the client
	// speaks first.
	DeferAccept time.Duration
	// FastOpen is how many connections of a listening socket may wait that have sent data with their SYN (TCP_FASTOPEN, RFC 7413).
	// Such data may be delivered twice. The system must allow it to servers (net.ipv4.tcp_fastopen, bit 1).
	FastOpen int
	// TypeOfService is the field of that name of the packets, 0 to 255: six bits of DSCP, two of ECN that TCP keeps to itself
	// (IP_TOS, ip(7); IPV6_TCLASS).
	TypeOfService int
	// Priority is the queueing priority of what is sent (SO_PRIORITY, socket(7)). More than 6 needs CAP_NET_ADMIN.
	Priority int
	// ReceiveBuffer and SendBuffer are sizes of the kernel's buffers, in bytes (SO_RCVBUF, SO_SNDBUF). Setting
	// them turns the kernel's own tuning off.
	ReceiveBuffer, SendBuffer int
	// BusyPoll is how long the kernel looks at the network device's queue itself when it has no input for a socket, in microseconds
	// (SO_BUSY_POLL, socket(7)). It needs CAP_NET_ADMIN, and a driver that can do it; see Config.Spin for a loop that does
	// not sleep.
	BusyPoll time.Duration

	// Descriptors is how many open files that peers have sent (SCM_RIGHTS, unix(7)) a channel keeps at most until they are taken,
	// see channel.Channel.TakeDescriptors. A peer that sends more is cut off. Zero means that none are received: the kernel
	// closes what comes. Only Unix sockets have them. Sending needs no option.
	Descriptors int

	// ZeroCopy has large pieces of output sent out of our memory without a copy (MSG_ZEROCOPY, see
	// Documentation/networking/msg_zerocopy.rst in Linux). The memory stays in use until the peer has acknowledged it. A connection
	// goes back to copying when the kernel has copied most of its first 64 pieces anyway, as it does on loopback. Only TCP has it.
	ZeroCopy bool
	// ZeroCopyBytes is the length from which on a piece counts as large. Zero means 32 KiB. Below 10 KiB a copy is cheaper.
	ZeroCopyBytes int

	// Control, if not nil, is called with a listening or connecting socket's descriptor before it is bound or
	// connected, for options that have no field here.
	Control func(network, address string, fd uintptr) error
}

// DefaultZeroCopyBytes is what SocketOptions.ZeroCopyBytes means if it is zero.
const DefaultZeroCopyBytes = 32 << 10

// Check tells what of o makes no sense, or is more than an engine can do; nil if all is well. Engines call it in Listen and Dial.
func (o *SocketOptions) Check(c Capabilities) error {
	for _, n := range []struct {
		name  string
		value int
		most  int
	}{
		{"KeepAliveCount", o.KeepAliveCount, 127},
		{"NotSentLowat", o.NotSentLowat, math.MaxInt32},
		{"FastOpen", o.FastOpen, math.MaxInt32},
		{"TypeOfService", o.TypeOfService, 255},
		{"Priority", o.Priority, math.MaxInt32},
		{"ReceiveBuffer", o.ReceiveBuffer, math.MaxInt32},
		{"SendBuffer", o.SendBuffer, math.MaxInt32},
		{"Descriptors", o.Descriptors, math.MaxInt32},
		{"ZeroCopyBytes", o.ZeroCopyBytes, math.MaxInt32},
	} {
		if n.value < 0 || n.value > n.most {
			return fmt.Errorf("SocketOptions.%s is %d, not between 0 and %d", n.name, n.value, n.most)
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
		unit  time.Duration
	}{
		{"KeepAliveInterval", o.KeepAliveInterval, time.Second},
		{"UserTimeout", o.UserTimeout, time.Millisecond},
		{"DeferAccept", o.DeferAccept, time.Second},
		{"BusyPoll", o.BusyPoll, time.Microsecond},
	} {
		if d.value < 0 || d.value/d.unit > math.MaxInt32-1 {
			return fmt.Errorf("SocketOptions.%s is %v, not between 0 and %d units of %v", d.name, d.value, math.MaxInt32-1, d.unit)
		}
	}
	switch {
	case o.Descriptors > 0 && !c.Descriptors:
		return fmt.Errorf("SocketOptions.Descriptors: %w", ErrUnsupported)
	case o.ZeroCopy && !c.ZeroCopy:
		return fmt.Errorf("SocketOptions.ZeroCopy: %w", ErrUnsupported)
	}
	return nil
}
