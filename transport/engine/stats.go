package engine

// Stats counts the system calls of a group's loops.
type Stats struct {
	Waits   uint64 // for events
	Reads   uint64 // of input, also those that found none
	Writes  uint64 // of bytes
	Files   uint64 // sendfile and what it needs
	Control uint64 // accept, close, changes of registration, wake-ups
}

// Calls returns the number of all calls.
func (s Stats) Calls() uint64 { return s.Waits + s.Reads + s.Writes + s.Files + s.Control }

// Add adds the counts of o.
func (s *Stats) Add(o Stats) {
	s.Waits += o.Waits
	s.Reads += o.Reads
	s.Writes += o.Writes
	s.Files += o.Files
	s.Control += o.Control
}
