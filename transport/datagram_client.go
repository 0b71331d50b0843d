package transport

import (
	"context"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// DialDatagrams opens a socket for packets that is connected to addr, and makes its sink by open, on the socket's loop; With of
// package pipeline/datagram returns such a function. No packet is exchanged, so nobody need be there: Sink.Failed is told
// when somebody says so. The client's Marks, FlushTimeout, Timeout and Logger count for it; its Socket does not, since options is in its
// place. The arguments network and addr are those of net.Dial: "udp", "udp4" or "udp6". It must not be called on a loop.
func (c *Client) DialDatagrams(ctx context.Context, network, addr string, open func(*datagram.Socket) datagram.Sink, options engine.DatagramOptions) (datagram.Remote, error) {
	return c.DialDatagramsOn(ctx, nil, network, addr, open, options)
}

// DialDatagramsOn is DialDatagrams for a socket that shall be on a certain loop of the shared Group.
func (c *Client) DialDatagramsOn(ctx context.Context, loop *channel.Loop, network, addr string, open func(*datagram.Socket) datagram.Sink, options engine.DatagramOptions) (datagram.Remote, error) {
	if open == nil {
		return datagram.Remote{}, ErrNoAccept
	}
	group, _, err := c.prepare()
	if err != nil {
		return datagram.Remote{}, err
	}
	packets, err := packetGroup(group)
	if err != nil {
		return datagram.Remote{}, err
	}
	patience := c.Timeout
	if patience == 0 {
		patience = DefaultDialTimeout
	}
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	opts := datagram.Options{Marks: c.Marks, FlushTimeout: c.FlushTimeout, KeepReading: true, Closing: logSocket(logger(c.Logger))}
	return packets.DialDatagrams(ctx, engine.DatagramDialConfig{
		Network: network, Addr: addr, Open: open, Options: opts.Prepare(), Loop: loop, Socket: options,
	})
}
