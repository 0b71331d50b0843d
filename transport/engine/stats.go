package engine

// Stats counts what a group's loops do: their system calls, what these sent, and where they had to wait.
type Stats struct {
	Waits   uint64 // for events
	Reads   uint64 // of input, also those that found none
	Writes  uint64 // of bytes
	Files   uint64 // sendfile and what it needs
	Splices uint64 // splice and tee of relays
	Control uint64 // accept, close, changes of registration, wake-ups

	WrittenBytes uint64 // bytes that left by writes: out of our memory, which the kernel copied
	FileBytes    uint64 // bytes that left by sendfile
	SplicedBytes uint64 // bytes that left by splice: those of relays that were never in our memory, see channel.Relay
	RelayedBytes uint64 // bytes that relays have passed on through our memory; they leave by writes and are part of WrittenBytes

	ZeroCopySends  uint64 // those of the writes that the kernel was asked to send without a copy, see SocketOptions.ZeroCopy
	ZeroCopyBytes  uint64 // what these have sent; it is part of WrittenBytes
	ZeroCopyCopied uint64 // those of them that it has copied all the same

	Pauses uint64 // no calls: how often a connection stopped reading because the pool was short of memory
}

// Calls returns the number of all calls.
func (s Stats) Calls() uint64 { return s.Waits + s.Reads + s.Writes + s.Files + s.Splices + s.Control }

// Add adds the counts of o.
func (s *Stats) Add(o Stats) {
	s.Waits += o.Waits
	s.Reads += o.Reads
	s.Writes += o.Writes
	s.Files += o.Files
	s.Splices += o.Splices
	s.Control += o.Control
	s.WrittenBytes += o.WrittenBytes
	s.FileBytes += o.FileBytes
	s.SplicedBytes += o.SplicedBytes
	s.RelayedBytes += o.RelayedBytes
	s.Pauses += o.Pauses
	s.ZeroCopySends += o.ZeroCopySends
	s.ZeroCopyBytes += o.ZeroCopyBytes
	s.ZeroCopyCopied += o.ZeroCopyCopied
}
