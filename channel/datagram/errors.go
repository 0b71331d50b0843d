package datagram

import "errors"

var (
	// ErrNoPeer says that a packet has no valid address to go to.
	ErrNoPeer = errors.New("datagram: no address to send to")
	// ErrConnected says that a connected socket was to send to somebody else than its peer.
	ErrConnected = errors.New("datagram: the socket is connected to another peer")
	// ErrTooLarge says that a packet has more than MaxPayload bytes.
	ErrTooLarge = errors.New("datagram: more bytes than a datagram can have")
)
