package gnet

import (
	"errors"
	"net"
	"sync"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/channel"
)

// running is a loop of a group: a client of gnet with a single loop.
type running struct {
	*loop
	client *gnetv2.Client
	once   sync.Once
	err    error
}

// startLoop starts a loop of a group.
func startLoop(e Engine, g *engineGroup) (*running, error) {
	h := &client{start: func(events gnetv2.EventLoop) *loop {
		return newLoop(events, g.config.Pool, g.config.Logger, g.config.Now, readAhead(e.ReadAhead))
	}}
	options := append([]gnetv2.Option{gnetv2.WithLogger(Logger(g.config.Logger))}, e.Options...)
	options = append(options, func(o *gnetv2.Options) {
		o.NumEventLoop, o.Multicore = 1, false
		o.Ticker = false
		o.TCPNoDelay, o.TCPKeepAlive = gnetv2.TCPDelay, 0 // see SocketOptions
	})
	gc, err := gnetv2.NewClient(h, options...)
	if err != nil {
		return nil, err
	}
	if err := gc.Start(); err != nil {
		return nil, err
	}
	r := &running{client: gc}
	// Only a call for a connection is made on the goroutine of the loop, and tells which it is. This one sends nothing.
	probe, err := net.Dial("udp", "127.0.0.1:9")
	if err == nil {
		_, err = gc.Enroll(probe)
	}
	if err == nil && h.loop == nil {
		err = errors.New("the loop does not take a connection")
	}
	if err != nil {
		return nil, errors.Join(err, gc.Stop())
	}
	r.loop = h.loop
	r.enroll = func(c *conn, nc net.Conn) error {
		if !g.begin() {
			nc.Close()
			return channel.ErrClosed
		}
		defer g.entering.Done()
		return r.take(nc, c)
	}
	return r, nil
}

// take gives a connection to gnet, with its context, and returns when OnOpen has.
func (r *running) take(nc net.Conn, context any) error {
	_, err := r.client.EnrollContext(nc, context)
	return err
}

// end stops gnet's loop, after ours has ended.
func (r *running) end() error {
	r.once.Do(func() { r.err = r.client.Stop() })
	return r.err
}
