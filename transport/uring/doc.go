// Package uring is the engine on io_uring(7): one ring per loop, on a thread of its own, without cgo and without another library.
//
//	          requests of the turn ──► io_uring_enter(2), one call ──► completions
//	                                                                       │
//	listening socket   multishot accept ───────────────────────────────────┤
//	connection         multishot poll, then recv(2)      when polling  ────┤
//	                   multishot receive into buffers    when receiving ───┤
//	                   send, what is short               of the last turn ─┤
//	other goroutines   read of an eventfd ─────────────────────────────────┘
//
// What sockets can do, and how connections are listened for, dialed, drained and closed, is shared with the engine on epoll (package
// transport/internal/socket). This one differs in how a loop learns that there is input, and in how short output leaves: both without a
// system call for each connection. The processor's work is about the same, most of it being TCP; see docs/performance of the bench.
//
// # Input
//
// A connection begins by polling: a multishot poll tells once when input comes, and a recv(2) of up to 64 KiB takes it into the loop's
// block. After a few small pieces in a row it receives instead: the kernel puts what comes into one of our blocks of 4 KiB from a ring of them,
// and the completion names the block, which goes up as a Buf, uncopied. A connection that gets a full block, finds none, pauses reading,
// is being drained, or gets input while memory is short goes back to polling, where it takes nothing that nobody has
// room for, and stays there twice as long as before. A poll tells of what is new: what a peer sends behind urgent data (MSG_OOB, which
// RFC 6093 advises against) may wait for its next packet.
//
// The ring has 64 blocks at first, and up to 256, 1 MiB per loop: they are used in turn, and what cycles must fit into the
// processor's cache. A sink that keeps a block takes nothing from others, a new one is put in its place. A loop none of whose connections ever received
// has no such ring.
//
// # Pausing
//
// Reading that pauses does not cost a request: what is armed stays armed, and is cancelled only if input comes. That input is kept, in
// order, until reading resumes; it is at most what the kernel had received until the cancellation, of which the loop hears in
// the same turn.
//
// # Output
//
// Up to 4 KiB are sent by a request, which leaves with those of the other connections when the loop waits. It never blocks
// (MSG_DONTWAIT), so it is over when that call is: no send outlives a turn, none overtakes another, and memory is released as it is with
// epoll. What is longer, what Channel.Flush sends, and files leave at once, by the calls that the engine on epoll makes. When the socket
// has no room, a one-shot poll tells of it.
//
// # Closing
//
// A socket stays open as long as a request for it is armed, so closing is two linked requests: cancel all that there are, then close. The place
// of a connection in the loop's table is taken by another one only when the last of its completions has come: none can reach another
// connection that got the same descriptor.
//
// # Kernels
//
// It needs 5.19, and is at its best from 6.1 on, where what is due happens inside of the call that waits (IORING_SETUP_DEFER_TASKRUN). If
// the kernel has no io_uring or a sandbox refuses it, Start fails with an error that wraps engine.ErrUnsupported, which package transport takes
// as a reason to use epoll. The limit of open files (RLIMIT_NOFILE) counts for accepting as it was when accepting began, or last failed.
package uring
