package mem

import (
	"context"
	"errors"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

var (
	errPanic  = errors.New("the code that opens the channel has panicked")
	errNoSink = errors.New("no sink was made for the channel")
)

// Dial implements engine.Group.
func (g *engineGroup) Dial(ctx context.Context, c engine.DialConfig) (channel.Remote, error) {
	fail := func(err error) (channel.Remote, error) {
		return channel.Remote{}, group.OpError("mem", "dial", c.Network, c.Addr, err)
	}
	l, err := g.loops.Find(c.Loop)
	if err != nil {
		return fail(err)
	}
	if err := c.Socket.Check(Engine{}.Capabilities()); err != nil {
		return fail(err)
	}
	link, err := g.network.connect(ctx, c.Network, c.Addr, buffers{c.Socket.SendBuffer, c.Socket.ReceiveBuffer})
	if err != nil {
		return fail(err)
	}
	if l == nil {
		l = g.loops.LeastLoaded()
	}
	co := &conn{owner: &g.dialed, link: link, me: dialing, slot: -1}
	g.dialed.Conns.Add(1)
	opened := make(chan group.Opened, 1)
	l.Do(func(err error) {
		res := group.Opened{Err: errPanic}
		defer func() { opened <- res }()
		res = g.openOn(ctx, l, co, c, err)
	})
	r, err := group.Await(ctx, opened)
	if err != nil {
		return fail(err)
	}
	return r, nil
}

// openOn opens a dialed channel, on its loop, which may have ended with err.
func (g *engineGroup) openOn(ctx context.Context, l *loop, co *conn, c engine.DialConfig, err error) group.Opened {
	switch {
	case err != nil:
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case g.dialed.Draining():
		err = channel.ErrShutdown
	}
	if err != nil {
		co.discard()
		return group.Opened{Err: err}
	}
	if err = l.add(co, c.Open, c.Options); err != nil {
		return group.Opened{Err: err}
	}
	return group.OpenedAs(&co.Channel)
}

// add puts a connection into the loop and opens its channel, or closes the connection and tells why.
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
	in = true
	l.conns.add(c)
	l.load.Add(1)
	c.link.attach(int(c.me), c, false)
	c.Open()
	return nil
}
