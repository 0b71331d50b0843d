package mem

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
)

// Addr is an address of the network "mem": a name of any form.
type Addr string

// Network implements net.Addr.
func (Addr) Network() string { return "mem" }

// String implements net.Addr.
func (a Addr) String() string { return string(a) }

// networks are those that Listen and Dial take.
var networks = []string{"mem", "tcp", "tcp4", "tcp6", "unix"}

type family uint8

const (
	familyMem family = iota
	familyTCP
	familyUnix
)

// An endpoint is an address that was understood.
type endpoint struct {
	family family
	four   bool       // only IPv4, of an address for all of this host's
	ip     netip.Addr // of TCP
	port   uint16
	name   string // of the others
}

// A place is what endpoints that can meet have in common.
type place struct {
	family family
	port   uint16
	name   string
}

func (e endpoint) place() place { return place{e.family, e.port, e.name} }

func (e endpoint) needsPort() bool { return e.family == familyTCP && e.port == 0 }
func (e endpoint) needsName() bool { return e.family != familyTCP && e.name == "" }

// overlaps tells whether an address that is listened on takes connections of another one at the same place.
func (e endpoint) overlaps(o endpoint) bool {
	switch {
	case e.family != familyTCP || e.ip == o.ip:
		return true
	case e.ip.IsUnspecified():
		return !e.four || o.ip.Is4()
	case o.ip.IsUnspecified():
		return !o.four || e.ip.Is4()
	}
	return false
}

// addr returns the endpoint as package net would.
func (e endpoint) addr() net.Addr {
	switch e.family {
	case familyTCP:
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(e.ip, e.port))
	case familyUnix:
		return &net.UnixAddr{Name: e.name, Net: "unix"}
	}
	return Addr(e.name)
}

// resolve understands an address, for those who listen or for those who dial.
func resolve(network, address string, listening bool) (endpoint, error) {
	switch network {
	case "mem", "unix":
		e := endpoint{name: address}
		if network == "unix" {
			e.family = familyUnix
		}
		if address == "" && !listening {
			return e, &net.AddrError{Err: "no name to dial", Addr: address}
		}
		return e, nil
	case "tcp", "tcp4", "tcp6":
	default:
		return endpoint{}, net.UnknownNetworkError(network)
	}
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return endpoint{}, err
	}
	e := endpoint{family: familyTCP}
	if e.port, err = portOf(network, service); err != nil {
		return e, err
	}
	if e.ip, err = ipOf(host, network, listening); err != nil {
		return e, err
	}
	switch {
	case network == "tcp4" && !e.ip.Is4(), network == "tcp6" && !e.ip.Is6():
		return e, &net.AddrError{Err: "no address of the network " + network, Addr: host}
	case !listening && e.port == 0:
		return e, refused
	}
	e.four = e.ip.Is4()
	return e, nil
}

func portOf(network, service string) (uint16, error) {
	if service == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(service, 10, 16); err == nil {
		return uint16(n), nil
	}
	n, err := net.DefaultResolver.LookupPort(context.Background(), network, service) // from a table: no servers are asked
	return uint16(n), err
}

// ipOf returns the IP address of a host. There are no names but that of this one, and those who dial no address in particular
// dial this one too.
func ipOf(host, network string, listening bool) (netip.Addr, error) {
	all, self := netip.IPv6Unspecified(), netip.AddrFrom4([4]byte{127, 0, 0, 1})
	switch network {
	case "tcp4":
		all = netip.IPv4Unspecified()
	case "tcp6":
		self = netip.IPv6Loopback()
	}
	switch host {
	case "":
		if listening {
			return all, nil
		}
		return self, nil
	case "localhost":
		return self, nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return ip, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if ip = ip.Unmap(); ip.IsUnspecified() && !listening {
		if self = netip.IPv6Loopback(); ip.Is4() {
			self = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		return self, nil
	}
	return ip, nil
}

const (
	firstPort = 32768 // as Linux, ip(7)
	lastPort  = 60999
)

// freePort returns a port at which nobody listens. The caller holds mu.
func (n *Network) freePort(at endpoint) uint16 {
	for range lastPort - firstPort + 1 {
		if n.port++; n.port < firstPort || n.port > lastPort {
			n.port = firstPort
		}
		if at.port = n.port; len(n.listening[at.place()]) == 0 {
			break
		}
	}
	return n.port
}

// nameless returns a name that is not in use for an address that has none. The caller holds mu.
func (n *Network) nameless() string {
	n.number++
	return "#" + strconv.Itoa(n.number)
}

// Errors of the system that the network returns, in the form that package net gives them.
var (
	refused = os.NewSyscallError("connect", syscall.ECONNREFUSED)
	inUse   = os.NewSyscallError("bind", syscall.EADDRINUSE)
)

// opError is what package net makes of an error.
func opError(op, network string, addr net.Addr, err error) error {
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return err
	}
	return &net.OpError{Op: op, Net: network, Addr: addr, Err: err}
}
