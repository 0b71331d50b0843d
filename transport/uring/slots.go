//go:build linux

package uring

// slots are the connections of a loop, by the numbers that their requests carry. A number is used again when the kernel has ended all
// requests that have it. They grow by pages, so that nothing is moved, or left to the collector, as connections come.
type slots struct {
	pages []*[slotPage]*conn
	used  uint32   // numbers that were ever given out
	free  []uint32 // of these
}

const slotPage = 512

// at returns the connection with a number that was given out, nil if that is free.
func (s *slots) at(n uint32) *conn { return s.pages[n/slotPage][n%slotPage] }

// add enters a connection and returns its number.
func (s *slots) add(c *conn) (n uint32) {
	if last := len(s.free) - 1; last >= 0 {
		n, s.free = s.free[last], s.free[:last]
	} else {
		if n = s.used; n%slotPage == 0 {
			s.pages = append(s.pages, new([slotPage]*conn))
		}
		s.used++
	}
	s.pages[n/slotPage][n%slotPage] = c
	return n
}

// remove frees a number.
func (s *slots) remove(n uint32) {
	s.pages[n/slotPage][n%slotPage] = nil
	s.free = append(s.free, n)
}

// from returns the first connection with that number or a higher one, and its number.
func (s *slots) from(n uint32) (*conn, uint32) {
	for ; n < s.used; n++ {
		if c := s.at(n); c != nil {
			return c, n
		}
	}
	return nil, n
}
