package http1

import (
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// shared is what the connections of a loop share.
type shared struct {
	free   *exchange // that are not in use
	frees  int
	date   [len("Date: Mon, 02 Jan 2006 15:04:05 GMT\r\n")]byte
	dateTo time.Duration // until when it is the present date, on the loop's clock
}

var perLoop = channel.NewLocal(func(*channel.Loop) *shared { return new(shared) })

// dateLine returns the field Date with the present time, RFC 9110 section 6.6.1.
func (s *shared) dateLine(l *channel.Loop) []byte {
	if now := l.Now(); now >= s.dateTo {
		t := time.Now()
		copy(s.date[:], "Date: ")
		t.UTC().AppendFormat(s.date[:len("Date: ")], "Mon, 02 Jan 2006 15:04:05 GMT\r\n")
		s.dateTo = now + time.Second - time.Duration(t.Nanosecond())
	}
	return s.date[:]
}

// maxFree is how many exchanges a loop keeps for later.
const maxFree = 256

// get returns an exchange for use.
func (s *shared) get() *exchange {
	x := s.free
	if x == nil {
		return &exchange{}
	}
	s.free, x.next = x.next, nil
	s.frees--
	return x
}

// put takes an exchange back that nobody uses any more.
func (s *shared) put(x *exchange) {
	x.reset()
	if s.frees < maxFree && cap(x.req.Header.fields)+cap(x.resp.Header.fields) <= 256 && cap(x.resp.Header.text) <= 8<<10 {
		x.next, s.free = s.free, x
		s.frees++
	}
}
