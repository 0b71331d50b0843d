// Package transport runs channels on the network: a [Server] accepts connections, a [Client] makes them.
//
//	Server ─┐                      ┌─► loop ─► channels
//	        ├─► engine.Group ──────┼─► loop ─► channels
//	Client ─┘                      └─► loop ─► channels
//
// Both are structs to be filled in, whose zero fields have safe defaults. What happens on a channel is up to the
// function in Accept or the argument of Dial, which makes the channel's Sink; pipeline.New returns such a function.
// The transport does not know pipelines.
//
// The event loops belong to an [engine.Group]. A server or client starts one of its own, on the best engine for the
// system, unless it is given one to share: a proxy serves and dials on the same loops. The best one is that on io_uring
// (transport/uring); where the kernel refuses it, that on epoll (transport/epoll), with a line in the log; on other systems
// that on package net (transport/std). The field Engine takes these, transport/gnet, transport/mem, or one of your own.
//
// [Datagrams] does for UDP what Server does for streams, with sinks of package channel/datagram.
//
// # Stopping
//
// When the context of [Server.ListenAndServe] ends, the server stops accepting, delivers what its connections had
// received, sends the answers, and closes each connection in order. What is not done after DrainTimeout is aborted.
//
// # Goroutines
//
// Methods may be called by any goroutine. Sinks run on the loops.
package transport
