// Package mem is the engine without a network: connections are pairs of bounded buffers inside of the process.
//
//	channel ──► conn ─┐                 ┌─ conn ◄── channel      both sides on loops of engines, or
//	                  ├── link ─────────┤
//	channel ──► conn ─┘  two streams    └─ Conn ◄── net/http, bufio, a script in a test
//
// It is for tests of programs, which change one field (Server.Engine) and no address. A server and its peers run in a bubble of
// testing/synctest: time passes when all of them wait, hours of it in milliseconds, and all durations are exact. It is also a
// way to put two pipelines together inside of one process.
//
// # Addresses
//
// A [Network] has a name space of its own: what listens on it is reached by what dials on it. The networks of package net, "tcp",
// "tcp4", "tcp6" and "unix", are understood so that programs need no change: ":8080" listens on all addresses, port 0
// gives out a free one, every IP address is one of this host, and of names there is only localhost. Paths of Unix sockets are
// names: nothing is made in the file system. The network "mem" has names of any form; the empty one gives out a free one. The
// zero [Engine] is on [Default], as all groups of a process share one loopback interface.
//
// # As TCP
//
// A writer fills the buffers of its direction and then waits, so writes are partial, channels get Port.Ready, and queues rise
// to their high marks as they do behind a slow network: see Network.Buffer. Streams end one by one. A reset drops what was not
// read. Who closes with unread input resets the connection (RFC 1122 section 4.2.2.13), and what is sent to one that has closed
// is answered with a reset (RFC 9293 section 3.10.7.1). Nobody listens: ECONNREFUSED; a full backlog: Dial waits for its
// context. Errors are those of the system, in the types of package net.
//
// What differs: nothing is lost, reordered, or cut into segments, the room of a direction is free as soon as its reader has
// taken the bytes, and a dialed connection is in the listener's queue when Dial returns. Files are read, in pieces of 16 KiB,
// by the loop, which waits for the disk. Of engine.SocketOptions only the sizes of buffers have a meaning: there is no socket
// that Control could be called with, so it is not. ReusePort and Steer have no effect, connections are spread anyway; nor have
// Spin and PinLoops of engine.Config.
//
// # Time
//
// With Network.Latency everything that is sent arrives so much later, in order. Loops sleep on channels and on timers of package
// time, so in a bubble they count as blocked for good, and what is due at a time happens at that time to the
// nanosecond. A server that drains answers what has arrived. Config.Now of a group, if it is set, is the clock of its channels' timers only.
//
// # Order
//
// A loop serves what has happened in the order in which it did: input, room and arrivals first, then calls of other goroutines,
// then timers. So what channels of one loop do to each other is the same in every run. What goroutines do at the same time has no
// order, here as elsewhere: a test that dials from several, or writes while a timer is due, is as good as its own
// synchronisation (synctest.Wait).
//
// # Memory
//
// Between two channels whose loops share a pool a piece of 16 KiB or more is passed on in its block: the *buffer.Buf that one
// wrote is what the other reads. Everything else is copied into chunks of Go memory that belong to the network, and copied out
// into the room that Port.Room gives, as the kernel does: that counts against the pool of neither side, a slow reader keeps no
// block of its writer in place for a few bytes, and pools may differ. Nothing is passed on while the pool is pressed, and
// either way Port.Room is asked before anything is read, so pressure holds input back. An idle connection has no chunk. A
// message costs no allocation.
//
// # Threads
//
// A loop is one goroutine. A link has a lock, held for a copy at most, under which it tells its ends what has happened: a loop
// by its ready list, which has a lock of its own and is the last to be taken, a [Conn] by a token in a channel. Nothing blocks
// while it holds one of them. Loops end with their group; an open Conn has no goroutine, and a bubble can end without its being
// closed.
package mem
