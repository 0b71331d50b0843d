// Package channel is the middle of ropewalk: one connection as seen from above (a [Sink], usually a pipeline) and from
// below (a [Backend], an engine's socket).
//
//	 Sink      Open · Read · ReadDone · EOF · Writable · Closed
//	   ▲ │
//	   │ ▼  Write · Flush · Close · SetReading · AfterFunc
//	Channel ── Outbound: bytes, file, bytes, ...      Remote ◄── other goroutines
//	   ▲ │
//	   │ ▼  Flush · SetReading · CloseWrite · Close
//	Backend    epoll, io_uring, a script in a test
//
// Everything that engines would otherwise each do in their own way is here, written once: the queue of what is to be
// sent, its limits, reading that pauses while a peer does not take its replies, the ways to close, timers, and
// calls from other goroutines.
//
// # Threads
//
// A [Loop] runs on one goroutine. A Channel, its timers and everything that its Sink is called with belong to that
// goroutine. Other goroutines hold a [Remote], a small value that stays safe to use after the channel is gone.
//
// # Writing
//
// Write only queues. What one burst of input produced leaves together when the burst ends; what timers, calls from
// other goroutines and other channels wrote leaves when the loop's turn ends. Flush sends at once. A
// write passes its buffer's ownership on, also when it fails.
//
// Bytes that are made, or read, while they are sent come from a [Source], which WriteSource queues like a file. [Direct] is one: a
// file that is read past the page cache. A file that became shorter is never sent for what it was: not as a [File], not by
// a [Direct], and not as a mapped Buf ([buffer.Map]); the channel is aborted with [ErrFileShrank].
//
// # Relays
//
// [Relay] joins two channels of one loop: what comes from either goes to the other, until both streams have ended. A proxy
// accepts, dials onto the same loop (transport.Client.DialOn) and joins the two; a tunnel (CONNECT) does so when the request was
// read.
//
//	a ◄──── queue ◄── *Buf, or a pipe of the kernel ◄─── b
//	a ───► *Buf, or a pipe of the kernel ──► queue ────► b
//	                │ a copy
//	                └──► [Tap] ──► goroutine ──► io.Writer
//
// On sockets of Linux a stream goes from one to the other without having been in our memory (splice(2)); short messages, and
// everything on other engines, go through the block that the loop reads into, and are not copied by us. Each side waits for the
// other, and for its tap; an idle relay holds no buffer and no pipe.
//
// # Limits
//
// A [Watermark] bounds the queue. Above High the channel stops reading and decoders stop delivering, until the
// queue has drained to Low. Above Max a write fails with [ErrOutboundFull]. A queued [File] counts as 16 KiB,
// whatever its size, because it holds a descriptor and no memory.
//
// # Memory
//
// When the loop's pool is short of memory ([buffer.Pool.Pressed]) channels stop reading as their input comes, and wait in line. A
// waiting channel is not halted: what it has received goes on being decoded, handled and answered. One channel of each loop reads
// on, so that messages that have begun can end: decoders tell by [Channel.Lacks] how much they miss. When nearly
// all is used up only those go on whose messages can be completed, and one more now and then. No channel is closed because memory is short, but
// the one whose own code asks for some at the limit. The pool should hold several of the largest messages for each
// loop, and stages should close peers that stay in the middle of one: nothing else ends a wait for them.
//
// # Closing
//
// Close sends what is queued, then ends the stream, then waits a bounded time for the peer's end, so that the last
// reply is not lost to a reset. Abort drops everything. CloseWrite ends only our direction. The first cause wins
// and is told once, by Sink.Closed, which is the last call that a sink gets.
package channel
