package channel

import (
	"net"
	"os"

	"github.com/ropewalk/ropewalk/buffer"
)

// A Sink receives what happens on a channel. All calls come from the channel's loop, never one inside another. An
// error that a call returns closes the channel with that cause, after what was queued before has been sent.
type Sink interface {
	// Open is the first call.
	Open(*Channel) error
	// Read passes on bytes that were received; the sink owns b.
	Read(b *buffer.Buf) error
	// ReadDone says that the burst of input is over: what was written since leaves now.
	ReadDone() error
	// EOF says that the peer ended its stream. Unless Options.HalfOpen is set, the channel then sends what is
	// queued and closes.
	EOF() error
	// Writable says that the queue has drained to the low mark after it had been above the high one, that reading was resumed,
	// or that Channel.Yield was called: who had stopped sending goes on, and a decoder delivers what it kept, unless the
	// channel is Halted for another reason.
	Writable() error
	// Closed is the last call, made exactly once if Open was made. A nil cause is a normal end.
	Closed(cause error)
}

// A Backend is an engine's side of a channel. All calls come from the channel's loop, and after Close
// only LocalAddr and RemoteAddr are called.
type Backend interface {
	// SetReading starts or stops the delivery of input. While it is stopped the engine takes nothing from the
	// socket: input that is ready must not keep the loop awake.
	SetReading(on bool)
	// HasInput tells whether n bytes of input, or the end of the stream, are there to be read now. It is asked while reading
	// is stopped, and when memory is short. An engine that cannot tell returns true.
	HasInput(n int) bool
	// Flush sends as much of q as the system takes without blocking and reports progress with q.Advance. If
	// something is left, the engine calls Port.Ready when there is room again.
	Flush(q *Outbound) error
	// CloseWrite ends the outgoing stream, after everything in the queue was sent.
	CloseWrite() error
	// Close ends the connection and frees its resources. If abort is set the peer shall be told of it, as
	// TCP does by a reset.
	Close(abort bool)
	// LocalAddr and RemoteAddr return the addresses of the connection. After Close, for the log line of a stage, RemoteAddr
	// goes on answering where peers have addresses; LocalAddr may be nil.
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
}

// An Informer is a Backend on sockets of the system, which can tell more. Calls come as those of a Backend do. The names differ
// from those of Channel's methods because a backend may be a Channel itself, by way of its Port. What is not to be had is
// errors.ErrUnsupported.
type Informer interface {
	// TellCredentials and TellProcess are for Channel.PeerCredentials and PeerProcess.
	TellCredentials() (Credentials, error)
	TellProcess() (*os.File, error)
	// TellTCPInfo is for Channel.TCPInfo.
	TellTCPInfo(*TCPInfo) error
	// PassesDescriptors tells whether Descriptors can be sent. A backend that returns true sees them in its Outbound.
	PassesDescriptors() bool
}
