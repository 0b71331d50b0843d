// Package datagram turns the packets of a socket into messages and messages into packets, in stages that the compiler checks
// against each other. It is to packets what package pipeline is to streams, and the two cannot be mixed up.
//
//	            wire                 stage               handler
//	socket ══►  *Buf ──Read──► Codec ──Fire: query──► Serve
//	socket ◄══  *Buf ◄─Write── Codec ◄─Write: answer──  │
//
// Every message travels with an [Address]: from whom it came, or to whom it goes. One pipeline serves all peers of a socket, so
// a stage that knows something of a peer keeps it in a map by Address.Peer, with a bound: anybody can make addresses up.
//
//	accept := datagram.New(func() datagram.Wire {
//		return datagram.Join(datagram.Codec(queryDecoder{}, answerEncoder{}), datagram.Serve(answer))
//	})
//
// [Serve] makes a stage of a function, [Codec] one of a decoder and an encoder, such as those of package codec; [Join] puts one
// stage in front of another. A stage of one's own is a struct that embeds [Context]; its type arguments say what it passes on:
//
//	type limiter struct {
//		datagram.Context[*buffer.Buf, *buffer.Buf]
//		seen map[netip.Addr]int
//	}
//
//	func (l *limiter) Read(b *buffer.Buf, from datagram.Address) error { ...; return l.Fire(b, from) }
//
// # A packet is decoded as a whole
//
// A decoder that wants more bytes than the packet has, and one that leaves some over, have not understood it: the packet is
// dropped. There is no rest that waits for the next one.
//
// # Errors
//
// What Read returns is about that one packet, whatever went wrong: the packet is counted (Stats.Rejected), logged at
// the level of debugging, and the socket goes on with the next one, since others send there too. So does a panic, which is logged with
// its stack, at most one a second: one evil packet must not end the service for all. A stage that panicked should not be in the
// middle of a change of its own state. An error of Open, ReceiveDone, Failed or Writable closes the socket; who wants to close it
// otherwise calls Socket.Close.
//
// # Ownership
//
// A message belongs to whom it is passed to, also when the call returns an error. When the socket is closed each stage releases
// what it keeps, in Closed. A stage that keeps a *Buf of what was received calls Own on it, see package channel/datagram.
//
// # Threads
//
// A pipeline and its stages belong to one socket and run on its loop. Stages are made anew for every socket; a server has one
// socket on every loop, and packets of one peer come to the same one as long as their number does not change.
package datagram
