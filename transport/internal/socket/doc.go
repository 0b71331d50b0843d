// Package socket is what the engines that own sockets of Linux share: connections and how they read and write, files,
// listening and dialing, stopping in order, socket options, counts. What they differ in is how a loop learns that a socket
// is ready; that is a [Poller], and each engine has one.
//
//	transport/epoll ──► Poller: epoll_wait(2)     ─┐
//	transport/uring ──► Poller: io_uring_enter(2) ─┴─► Loop ─► Conn ─► channel.Port ─► sink
//	                                                     │
//	                                             Listening, Watched
//
// # Threads
//
// A [Loop] is one goroutine, locked to its thread. A Poller is made there and belongs to it, as do all [Conn] of the loop; only
// Wake is called by other goroutines. A [Group] may be used by any goroutine.
//
// # Descriptors
//
// A connection's descriptor is closed in one place, Poller.Remove, because a kernel that still works on it must be told first. Its
// number is never used after that: Conn.FD is -1.
package socket
