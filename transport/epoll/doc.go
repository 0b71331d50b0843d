// Package epoll is the engine on epoll(7): one instance per loop, on a thread of its own. What it does with sockets is written down in
// package transport/internal/socket, which it shares with the engine on io_uring; here is how it learns that they are ready.
//
//	accept4 ──► conn ──► channel.Port ──► sink
//	             │
//	   readable  │  one read into the loop's block, 64 KiB, a view of it goes up; of streams up to 1 MiB
//	   writable  │  one sendto or writev for everything that a burst has produced; sendfile for files
//
// # Events
//
// Sockets are registered level-triggered for input, and for output only while something waits to be sent. A turn takes one
// read per ready connection: what is left brings the next event, so a fast peer cannot starve the others, and no
// read is spent on learning that there is nothing more (that costs 6 to 9 %). Output is bounded to 1 MiB per
// connection and turn in the same way. While reading is paused the socket is not registered for input.
//
// # Memory
//
// All connections of a loop read into one block (see buffer.Cache.ReceiveRoom). An idle connection has its conn and its
// sink, and no buffer, queue, or timer. Output that has to wait for its peer is copied out of that block if it is short, see
// channel.Port.Blocked. While memory is short, channel.Port.Room decides who reads: those that shall wait are not registered for
// input. A file that must be copied at the pool's limit passes through 16 KiB of Go memory.
//
// # System calls
//
// Calls that do not block are made without telling the scheduler (RawSyscall); the wait for events, and what may wait
// for a disk, are ordinary calls, so that a waiting loop gives its processor to other goroutines.
//
// # Files
//
// A file goes out by sendfile(2), after a header in the same segment (MSG_MORE). Before each megabyte the engine
// asks the kernel whether it is in the page cache (cachestat(2), or preadv2(2) with RWF_NOWAIT on kernels before
// 6.5); what is not is read ahead by another goroutine, while the loop goes on with its other connections.
package epoll
