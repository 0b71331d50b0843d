package datagram

import "net/netip"

// A failure waits for the end of the turn: a flush may be running inside a call of the sink.
type failure struct {
	peer netip.AddrPort
	err  error
}

// maxFailures is how many may wait. Others are counted, and not told.
const maxFailures = 16

func (s *Socket) failed(peer netip.AddrPort, err error) {
	if len(s.fails) < maxFailures {
		s.fails = append(s.fails, failure{peer, err})
	}
	s.board.show(&s.counts)
	s.port.Yield()
}

// tell tells the sink of failures.
func (a *above) tell() error {
	for n := len(a.fails); n > 0; n-- {
		f := a.fails[0]
		a.fails = append(a.fails[:0], a.fails[1:]...) // before the call, which may panic
		if err := a.sink.Failed(f.peer, f.err); err != nil {
			return err
		}
	}
	return nil
}
