package gnet

import (
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// place brings a connection to a loop, on which it counts already, and returns when its channel is open, or why it is not.
// The group must have begun.
func (r *running) place(nc net.Conn, o *group.Owner, e *entry) error {
	c := &conn{owner: o}
	c.local, c.remote = ownAddr(nc.LocalAddr()), ownAddr(nc.RemoteAddr())
	if _, ok := c.remote.(*net.TCPAddr); ok {
		c.flags |= isTCP
	}
	e.conn, e.result = c, errNotTaken
	err := r.take(nc, e)
	if err == nil {
		err = e.result
	}
	if err == errNotTaken || e.result == errNotTaken { // OnOpen was not called
		r.conns.Add(-1)
		o.Gone()
	}
	return err
}

var errNotTaken = errors.New("gnet did not take the connection")

// ownAddr returns a copy of an address, and takes the zone out of the original: gnet changes the name of Unix sockets, and gives the
// memory of zones to its pool of buffers, though these are strings of package net.
func ownAddr(a net.Addr) net.Addr {
	switch a := a.(type) {
	case *net.TCPAddr:
		if a.Zone != "" {
			own := *a
			a.Zone = ""
			return &own
		}
	case *net.UnixAddr:
		own := *a
		return &own
	}
	return a
}

// clone returns an address that shares nothing with a.
func clone(a net.Addr) net.Addr {
	switch a := a.(type) {
	case *net.TCPAddr:
		return &net.TCPAddr{IP: slices.Clone(a.IP), Port: a.Port, Zone: strings.Clone(a.Zone)}
	case *net.UnixAddr:
		return &net.UnixAddr{Name: strings.Clone(a.Name), Net: a.Net}
	}
	return a
}
