package main

import (
	"net"

	"github.com/go-netty/go-netty/transport"
	"github.com/ropewalk/ropewalk/bench/internal/peer"
)

// A factory is that of TCP, which listens on all addresses and does not tell at which port.
type factory struct{ transport.Factory }

func (factory) Listen(o *transport.Options) (transport.Acceptor, error) {
	l, err := net.Listen("tcp", o.Address.Host)
	if err != nil {
		return nil, err
	}
	peer.Announce(l.Addr())
	return acceptor{l}, nil
}

type acceptor struct{ net.Listener }

func (a acceptor) Accept() (transport.Transport, error) {
	c, err := a.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return transport.NewTransport(c, bufferSize, 0), nil
}
