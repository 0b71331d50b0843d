//go:build linux

package socket

import (
	"errors"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// add puts a connection into the loop and opens its channel, or closes the socket and tells why.
func (l *Loop) add(conn Connection, accept func(*channel.Channel) channel.Sink, opts *channel.Options, socket *engine.SocketOptions) error {
	c := conn.base()
	in := false
	defer func() {
		if !in { // refused, or accept has panicked
			c.Refuse()
			c.discard()
		}
	}()
	c.Init(l.Loop, conn, nil, opts)
	sink := accept(&c.Channel)
	if sink == nil {
		return errNoSink
	}
	c.Init(l.Loop, conn, sink, opts)
	l.setFeatures(c, socket)
	c.Flags |= WantIn // nearly all channels read at once: one call less
	if err := l.Poller.Add(conn); err != nil {
		l.group.config.Logger.Error("ropewalk: connection refused", "error", err)
		return err
	}
	in = true
	l.conns.Add(1)
	c.Open()
	if !c.Reading() {
		c.want(WantIn, false)
	}
	return nil
}

var errNoSink = errors.New("no sink was made for the channel")
