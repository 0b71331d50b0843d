// Package datagram is to packets what package channel is to streams: one UDP socket as seen from above (a [Sink], usually a
// pipeline of package pipeline/datagram) and from below (a [Backend], an engine's descriptor).
//
//	 Sink      Open · Receive · ReceiveDone · Failed · Writable · Closed
//	   ▲ │
//	   │ ▼  Write · WriteTo · Send · Flush · Join · Close
//	Socket ── packets: bytes in the queue of a channel, and beside it whose they are      Remote ◄── other goroutines
//	   ▲ │
//	   │ ▼  Flush · SetReading · Join · Close
//	Backend    epoll, io_uring, a script in a test
//
// A Socket stands on a channel of package channel, which nobody sees: membership in a loop, timers, the watermarks of what is to
// be sent, reading that pauses, calls from other goroutines, the ways to close, recovery from panics and what happens when
// memory is short are the same code, and the same rules. The types are different ones, so that the compiler refuses a stream's
// sink on a socket of packets and the other way round.
//
// # Packets
//
// A [Packet] keeps its bounds: what one Send is given leaves as one datagram, or not at all. It may be empty. There is no
// promise that a datagram arrives, arrives once, or in order, and everybody can write any sender's address on one (RFC 8085).
//
// A connected socket has one peer and gets packets from nobody else; it learns of ICMP errors. The others name the peer with
// each packet, and get none: Linux reports on a socket without a peer only what it finds out within the call that sends.
//
// # What is lost is counted
//
// A socket never drops a packet in silence. Beyond the queue's hard cap, in bytes or in packets, Send returns
// [channel.ErrOutboundFull]. A packet that the system refuses (too large, no route, not permitted) is lost alone: it is
// counted, and told by Sink.Failed, and the socket goes on. Packets that came and could not be delivered are counted by reason,
// those that the kernel dropped included, see [Stats].
//
// # Memory
//
// The packets of a burst lie side by side in the block of up to 64 KiB that the loop reads into. Who keeps one of them, rather than
// answer it at once, keeps that block: 64 bytes hold 64 KiB. Buf.Own, called on what is to be kept, copies it to a block of
// its own size; Buf.Text and Buf.CopyAt copy it out of the pool. An idle socket has no buffer and no queue.
//
// # Threads
//
// A Socket belongs to its loop: all methods are called there, which is where everything runs that is given a Socket. Other
// goroutines hold a [Remote].
package datagram
