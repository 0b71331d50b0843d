// Package std is the engine on package net: for every system that Go runs on, and for every connection that is a [net.Conn],
// such as those of TLS, of SSH channels and QUIC streams, pipes, and what tests make.
//
//	            goroutine of conn A ──┐                      ┌── channel of A
//	poller ──►  goroutine of conn B ──┼──► lock of the loop ─┼── channel of B     one holder at a time: it is the loop
//	            keeper: timers, calls ┘                      └── timers, calls
//
// # A loop is a lock
//
// A [channel.Loop] asks for one goroutine at a time, not for a certain one. So each connection has a goroutine that waits for
// its input, and takes the lock of its loop to deliver it: it reads into the loop's memory, runs the handlers, and sends what they
// have written, all in one go, and then waits again. Handing each message to a goroutine that is the loop would cost two switches
// more. While it has the lock a goroutine owns the loop's buffers
// ([buffer.Cache.Adopt]). Nobody reads or writes in a blocking way with it: a slow peer keeps nobody out.
//
// One more goroutine for each loop, the keeper, takes the lock when a timer is due, when other goroutines have called
// ([channel.Remote]), and when those who had it have left work behind. On a machine with several processors connections of one
// loop wait for each other, as they do on any loop; a handler that blocks stops the others of its loop.
//
// # Two ways to move bytes
//
// Sockets of package net ([net.TCPConn], [net.UnixConn]) on Linux, macOS and the BSDs are direct. Their goroutine waits in
// syscall.RawConn.Read, which takes no memory, and reads and writes the descriptor itself, without blocking: an idle connection
// has its stack and no buffer. Output is sent by whoever produces it, in one call for all pieces; when there is no room a second goroutine
// waits for it. Files leave on that goroutine too, by sendfile(2) on Linux, so that a disk stops nobody; ReadFrom of
// [net.TCPConn] would do that as well, but from the offset of the open file, which several Files may share.
//
// All other connections, and all on other systems, are plain: one goroutine in Read, another one in Write. The first reads
// into a buffer of the connection's own, of 2 KiB, which grows to 32 KiB for those that fill it. The second one sends a copy of
// up to 32 KiB at a time, since the channel may end, and release what is queued, before Write returns. A message that is answered
// costs a switch to the second goroutine. Where the connection has CloseWrite it ends one direction, else CloseWrite closes
// it; an abort is a reset where the connection, or the one under it (NetConn), has SetLinger. Close is called on a goroutine of its
// own, because that of TLS may wait for the peer.
//
// # What is different
//
// Capabilities tells what an engine has. A plain connection reads on while its channel does not, until its buffer is full
// (ExactPause); and what the system has received for it cannot be seen, so draining waits until it has been silent for 50 ms.
// ReusePort is one socket all the same: one goroutine accepts, and gives each connection to the loop that has the fewest.
// SocketOptions have no effect on what the functions Engine.Listen and Engine.Dial return.
//
// # Lifetime
//
// The engine owns the connections and listeners that it gets, and closes them; nobody else may read, write or close them. All
// goroutines have ended when Group.Close returns, which waits for the Close of each connection, and for its Read and Write to
// return after that, as they have to.
package std
