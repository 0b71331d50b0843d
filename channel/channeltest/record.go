package channeltest

import "slices"

// A Write is what one write took.
type Write struct {
	Pieces int // entries of the iovec that it was offered
	Bytes  int // taken from them
	File   int // bytes taken of the file that followed
}

// A SentFile is what was sent of a file, in one go.
type SentFile struct {
	Name  string
	Bytes int
}

// record is what a Script has seen.
type record struct {
	sent   []byte
	total  int64
	writes []Write
	files  []SentFile
	calls  []string
	vec    [][]byte
}

func (s *Script) keep(p []byte) {
	s.total += int64(len(p))
	if !s.discard {
		s.sent = append(s.sent, p...)
	}
}

func (s *Script) keepFile(name string, n int) {
	if k := len(s.files) - 1; k >= 0 && s.files[k].Name == name {
		s.files[k].Bytes += n
		return
	}
	s.files = append(s.files, SentFile{name, n})
}

func (s *Script) wrote(w Write) {
	if !s.discard {
		s.writes = append(s.writes, w)
	}
}

func (s *Script) called(what string) { s.calls = append(s.calls, what) }

// Discard makes the script count what it is sent and keep none of it, for tests that measure.
func (s *Script) Discard() { s.discard = true }

// Sent returns all bytes that were sent, those of files included.
func (s *Script) Sent() string { return string(s.sent) }

// Total returns how many bytes were sent.
func (s *Script) Total() int64 { return s.total }

// Take returns what was sent since the last call of Take, and forgets it.
func (s *Script) Take() string {
	p := string(s.sent)
	s.sent = s.sent[:0]
	return p
}

// Writes returns what each write took.
func (s *Script) Writes() []Write { return slices.Clone(s.writes) }

// Files returns the files of which bytes were sent, in order.
func (s *Script) Files() []SentFile { return slices.Clone(s.files) }

// Calls returns the calls other than Flush, in order: "read", "pause", "close write", "close", "abort".
func (s *Script) Calls() []string { return slices.Clone(s.calls) }

// Reading tells whether input is wanted.
func (s *Script) Reading() bool { return s.reading }

// Ended tells whether CloseWrite was called.
func (s *Script) Ended() bool { return s.ended }

// Closed tells whether Close was called.
func (s *Script) Closed() bool { return s.closed }

// Aborted tells whether Close was called for an abort.
func (s *Script) Aborted() bool { return s.aborted }

// Stalled tells whether the script answers EAGAIN.
func (s *Script) Stalled() bool { return s.stalled }

// Left returns the steps that were not reached, but for one that repeats and what comes after it.
func (s *Script) Left() []Step {
	if i := slices.IndexFunc(s.steps, func(s Step) bool { return s.always }); i >= 0 {
		return slices.Clone(s.steps[:i])
	}
	return slices.Clone(s.steps)
}
