// Package gnet runs channels on gnet (github.com/panjf2000/gnet), in both directions: [Engine] is an engine like the others, and
// the way onto macOS and Windows; [Handler] is a gnet.EventHandler, for programs that call gnet.Run themselves.
//
//	Server{Engine: gnet.Engine{}}                 gnet.Run(&Handler{Accept: ...}, "tcp://:9000")
//	        │                                                  │
//	listener, dialer of package net                     gnet's listener
//	        │                                                  │
//	        └──► gnet.Client, one per loop                gnet's loops
//	                     │                                     │
//	                     └──► OnOpen, OnTraffic, OnClose ◄─────┘
//	                                     │
//	                 conn ──► channel.Port ──► sink
//
// Only programs that import this package link gnet, and what it needs.
//
// # Loops
//
// gnet binds its listeners when it starts, does not stop accepting when there are too many connections, and ends altogether
// when it is out of descriptors. So an Engine accepts and dials with package net, and gives the connections to loops of
// gnet: a gnet.Client is nothing else, and one with a single loop lets us choose where a connection goes. Each loop has a
// channel.Loop, which is made on the goroutine of the gnet loop and used only there. gnet does not tell when it has
// served all events of a wait, so a turn ends after every event: what one burst of a connection produced leaves together, as with other engines,
// but calls between channels of a loop cost a write each.
//
// # Reading
//
// gnet reads up to 64 KiB into a buffer of its loop; from there bytes are copied once, into the block that all
// channels of the loop read into. gnet cannot stop reading. While a channel does not read, its input stays in gnet's memory up to
// ReadAhead; when there is more, the connection leaves gnet (a duplicate of its descriptor is kept, and gnet closes
// its own), so that the peer is held back by the kernel, and it comes back when reading goes on. That costs about ten
// system calls, and only peers that go on sending to a channel that does not read cause it. While it is apart nobody looks whether the
// peer is still there.
//
// # Writing
//
// Everything leaves by system calls on gnet's descriptor, gathered and uncopied, as on the native engines. Nothing is given to
// gnet's own outbound buffer, which has no bound, does not tell when it is empty, and is dropped when the connection
// closes. When a socket is full a goroutine waits, by Go's poller and a duplicate of the descriptor, until it has room: a slow
// peer costs these while there is something to send to it.
//
// Files leave by sendfile(2) on Linux, else they are copied. In both cases the loop waits for the disk if they are not in memory, where
// the native engine for Linux goes on with other connections.
//
// # Closing
//
// gnet closes a connection when its peer has ended its stream. We keep it by a duplicate of the descriptor, so that replies
// are sent completely and half-open channels work.
//
// # Windows
//
// There gnet itself is a shim over package net: a write blocks the loop until the system has taken it, a connection ends
// with its peer's stream, and a connection that sends more than ReadAhead to a channel that does not read is closed with
// [ErrReadAhead]. It is for development.
package gnet
