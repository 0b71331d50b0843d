package mem

import (
	"cmp"
	"context"
	"errors"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var (
	errPanic   = errors.New("the code that opens the channel has panicked")
	errForeign = errors.New("the loop belongs to another group")
	errNoSink  = errors.New("no sink was made for the channel")
)

// opened is how a dialed channel was opened.
type opened struct {
	remote channel.Remote
	err    error
}

// Dial implements engine.Group.
func (g *group) Dial(ctx context.Context, c engine.DialConfig) (channel.Remote, error) {
	fail := func(err error) (channel.Remote, error) {
		return channel.Remote{}, engineError("dial", c.Network, c.Addr, err)
	}
	l, err := g.loopFor(c.Loop)
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
		l = g.leastLoaded()
	}
	co := &conn{owner: &g.dialed, link: link, me: dialing, slot: -1}
	g.dialed.conns.Add(1)
	done := make(chan opened, 1)
	l.Do(func(err error) {
		res := opened{err: errPanic}
		defer func() { done <- res }()
		res = g.openOn(ctx, l, co, c, err)
	})
	select {
	case res := <-done:
		if res.err != nil {
			return fail(res.err)
		}
		return res.remote, nil
	case <-ctx.Done():
		go func() { // the channel may have been opened at the same moment
			if res := <-done; res.err == nil {
				res.remote.Close(context.Cause(ctx))
			}
		}()
		return fail(context.Cause(ctx))
	}
}

// openOn opens a dialed channel, on its loop, which may have ended with err.
func (g *group) openOn(ctx context.Context, l *loop, co *conn, c engine.DialConfig, err error) opened {
	switch {
	case err != nil:
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case g.dialed.draining.Load():
		err = channel.ErrShutdown
	}
	if err != nil {
		co.discard()
		return opened{err: err}
	}
	if err = l.add(co, c.Open, c.Options); err != nil {
		return opened{err: err}
	}
	r := co.Remote()
	if r == (channel.Remote{}) {
		return opened{err: cmp.Or(co.Cause(), channel.ErrClosed)}
	}
	return opened{remote: r}
}

// loopFor returns our side of a loop of the group, nil for nil.
func (g *group) loopFor(want *channel.Loop) (*loop, error) {
	if want == nil {
		return nil, nil
	}
	for _, l := range g.loops {
		if l.Loop == want {
			return l, nil
		}
	}
	return nil, errForeign
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
