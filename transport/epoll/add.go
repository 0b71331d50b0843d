//go:build linux

package epoll

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// add puts a connection into the loop and opens its channel, or closes the socket and tells why.
func (l *loop) add(c *conn, accept func(*channel.Channel) channel.Sink, opts *channel.Options) error {
	in := false
	defer func() {
		if !in { // refused, or accept has panicked
			c.Refuse()
			c.discard()
		}
	}()
	c.Init(l.Loop, c, nil, opts)
	sink := accept(&c.Channel)
	if sink == nil {
		return errNoSink
	}
	c.Init(l.Loop, c, sink, opts)
	c.flags |= wantIn // nearly all channels read at once: one call less
	if err := l.register(int(c.fd), unix.EPOLLIN); err != nil {
		l.group.config.Logger.Error("ropewalk: connection refused", "error", err)
		return err
	}
	in = true
	l.byFD.put(int(c.fd), c)
	l.conns.Add(1)
	c.Open()
	if !c.Reading() {
		c.want(wantIn, false)
	}
	return nil
}

var errNoSink = errors.New("no sink was made for the channel")
