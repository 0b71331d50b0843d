//go:build linux

package sockettest

import (
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// A trap is a case in which an engine on sockets can lose bytes, mix them up, or never come back.
type trap struct {
	name string
	run  func(*testing.T, engine.Engine)
}

var traps = slices.Concat(
	pauseTraps, endTraps, sendTraps, memoryTraps, acceptTraps, listenTraps, reuseTraps, mixTraps, stopTraps, wakeTraps,
	halfCloseTraps, groupTraps, relayTraps,
)

// Run runs an engine into the traps that are known: those of io_uring above all, which epoll has to pass as well. Sizes and
// times are drawn at random from the same seeds each time. With -short there are fewer of them.
func Run(t *testing.T, e engine.Engine) {
	for _, c := range traps {
		t.Run(c.name, func(t *testing.T) { c.run(t, e) })
	}
}

// times returns how often something is done: n, or a fifth of it with -short.
func times(n int) int {
	if testing.Short() {
		return max(n/5, 1)
	}
	return n
}

// Together runs f n times at once, with numbers from 0 on, and ends the test if one of them fails.
func Together(t testing.TB, n int, f func(i int) error) {
	t.Helper()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// Verified returns a sink that sends back what it gets, and fails unless that is a stream of this number.
func Verified(stream uint32) *Sink {
	s := NewSink()
	in := Flow{Stream: stream}
	s.OnRead = func(s *Sink, b *buffer.Buf) error {
		if err := in.CheckBuf(b); err != nil {
			s.Fault("input: %w", err)
			b.Release()
			return err
		}
		return s.Channel.Write(b)
	}
	return s
}

// A talk is a peer that sends a stream and gets the same one back.
type talk struct {
	net.Conn
	out, in Flow
	room    []byte
}

func newTalk(c net.Conn, stream uint32) *talk {
	return &talk{c, Flow{Stream: stream}, Flow{Stream: stream}, make([]byte, 64<<10)}
}

// send sends n bytes in one piece.
func (p *talk) send(n int) error {
	_, err := p.Write(p.out.Next(n))
	return err
}

// receive waits for all that was sent.
func (p *talk) receive() error { return p.CheckFrom(p.out.At - p.in.At) }

// CheckFrom reads the next n bytes.
func (p *talk) CheckFrom(n int) error { return p.in.CheckFrom(p.Conn, n, p.room) }

// exchange sends pieces of n bytes, each when the one before has come back.
func (p *talk) exchange(pieces, n int) error {
	for range pieces {
		if err := p.send(n); err != nil {
			return err
		}
		if err := p.receive(); err != nil {
			return err
		}
	}
	return nil
}

// pass sends n bytes while they come back.
func (p *talk) pass(n int) error {
	sent := make(chan error, 1)
	go func() {
		for left := n; left > 0; {
			m := min(left, 100_000)
			if err := p.send(m); err != nil {
				sent <- err
				return
			}
			left -= m
		}
		sent <- nil
	}()
	err := p.CheckFrom(n)
	if err != nil {
		p.Close() // or the sender might wait for ever
	}
	return errors.Join(err, <-sent)
}

// end ends the peer's stream, and fails unless the other side then ends its own.
func (p *talk) end() error {
	if err := p.Conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		return err
	}
	if n, err := p.Read(p.room); n != 0 || err != io.EOF {
		return errors.Join(errors.New("another end than that of the stream"), err)
	}
	return nil
}

// few is how many small pieces, one after the other, an engine gets before a trap closes, so that it has settled on its way to
// receive them.
const few = 12
