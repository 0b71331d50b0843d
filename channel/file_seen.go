package channel

import (
	"sync"
	"time"
)

// seenFor is how long a part of a file that was found in the page cache counts as being there. Asking costs 3 us for each
// megabyte, a twentieth of sending it.
const seenFor = time.Second

// seen is the part of an open file that was found in the page cache lately.
type seen struct {
	mu       sync.Mutex
	from, to int64
	since    time.Duration // on the clock of whichever loop has found it
}

// Seen tells whether the next n bytes were found in the page cache within the last second, see SetSeen. It is for engines that
// must not wait for the disk.
func (f *File) Seen(n int, now time.Duration) bool {
	s := &f.open.seen
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.from <= f.off && f.off+int64(n) <= s.to && now-s.since < seenFor
}

// SetSeen says that the next n bytes were found in the page cache.
func (f *File) SetSeen(n int, now time.Duration) {
	s := &f.open.seen
	s.mu.Lock()
	defer s.mu.Unlock()
	if end := f.off + int64(n); s.to != f.off || now-s.since >= seenFor { // another part than the one that follows
		s.from, s.to, s.since = f.off, end, now
	} else {
		s.to = end
	}
}
