package gnet

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// allOptions tells whether SocketOptions are taken as far as the system has them.
const allOptions = true

// settingsTCP are the options of sockets that are not Unix ones.
func settingsTCP(network string, o engine.SocketOptions, listening bool) []setting {
	settings := []setting{{unix.IPPROTO_IP, unix.IP_TOS, o.TypeOfService, "IP_TOS"}} // also of IPv6, which may take connections of IPv4
	if network == "tcp6" {
		settings = append(settings, setting{unix.IPPROTO_IPV6, unix.IPV6_TCLASS, o.TypeOfService, "IPV6_TCLASS"})
	}
	settings = append(settings,
		setting{unix.SOL_SOCKET, unix.SO_PRIORITY, o.Priority, "SO_PRIORITY"}, // behind IP_TOS, which sets it too
		setting{unix.SOL_SOCKET, unix.SO_BUSY_POLL, units(o.BusyPoll, time.Microsecond), "SO_BUSY_POLL"},
		setting{unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, units(o.UserTimeout, time.Millisecond), "TCP_USER_TIMEOUT"},
		setting{unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, o.NotSentLowat, "TCP_NOTSENT_LOWAT"})
	if listening {
		settings = append(settings,
			setting{unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, units(o.DeferAccept, time.Second), "TCP_DEFER_ACCEPT"},
			setting{unix.IPPROTO_TCP, unix.TCP_FASTOPEN, o.FastOpen, "TCP_FASTOPEN"})
	}
	return settings
}

// units returns d in whole units, rounded up.
func units(d, unit time.Duration) int { return int((d + unit - 1) / unit) }
