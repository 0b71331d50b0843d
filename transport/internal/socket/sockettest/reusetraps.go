//go:build linux

package sockettest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var reuseTraps = []trap{
	{"DescriptorsUsedAgain", descriptorsUsedAgain},
}

// What a peer of descriptorsUsedAgain asks for in its first message, after the number of its stream.
const (
	goEcho  = iota // nothing: the peer ends it
	goClose        // the channel is closed after some bytes
	goAbort        // it is aborted after some bytes
	goFlood        // it writes much, and is aborted then
	goWays
)

// personal returns a sink that takes its stream and its end from what it gets first. What comes then must be of that stream.
func personal() *Sink {
	s := NewSink()
	var in Flow
	head, way, known := []byte(nil), byte(0), false
	s.OnRead = func(s *Sink, b *buffer.Buf) error {
		defer b.Release()
		for !known && b.Len() > 0 {
			head = append(head, b.At(0))
			b.Discard(1)
			if known = len(head) == 5; known {
				in.Stream, way = binary.BigEndian.Uint32(head), head[4]
			}
		}
		if err := in.CheckBuf(b); err != nil {
			s.Fault("input: %w", err)
			return err
		}
		if b.Len() > 0 {
			if err := s.Channel.Write(b.Clone()); err != nil {
				return err
			}
		}
		if in.At < 100 {
			return nil
		}
		switch way {
		case goClose:
			s.Channel.Close(nil)
		case goAbort:
			s.Channel.Abort(errEnough)
		case goFlood:
			s.Channel.Write((&Flow{Stream: in.Stream, At: in.At}).Put(s.Channel, 256<<10))
			s.Channel.Flush()
			s.Channel.Abort(errEnough)
		}
		return nil
	}
	return s
}

// descriptorsUsedAgain closes connections in all ways, with requests of the kernel's under way, while others are accepted, whose
// descriptors have the same numbers: nobody may get what is another's.
func descriptorsUsedAgain(t *testing.T, e engine.Engine) {
	for _, loops := range []int{1, 2} {
		t.Run(fmt.Sprintf("loops=%d", loops), func(t *testing.T) {
			g := StartWith(t, e, engine.Config{Loops: loops})
			faults := make(chan error, 100)
			ln := g.Listen(engine.ListenConfig{Options: unlimited.Prepare()}, func(*channel.Channel) channel.Sink {
				s := personal()
				s.OnClosed = func(s *Sink, _ error) {
					if err := s.Err(); err != nil {
						select {
						case faults <- err:
						default:
						}
					}
				}
				return s
			})
			Together(t, 16, func(i int) error {
				rng := rand.New(rand.NewPCG(uint64(i), 7))
				for n := range times(100) {
					if err := visit(ln, uint32(i*1000+n), rng); err != nil {
						return err
					}
				}
				return nil
			})
			select {
			case err := <-faults:
				t.Errorf("sink: %v", err)
			default:
			}
			Eventually(t, "the connections to be gone", func() bool { return ln.Conns() == 0 })
		})
	}
}

// visit is one connection of a peer. Only bytes that are wrong are an error: it may be cut off at any time.
func visit(ln engine.Listener, stream uint32, rng *rand.Rand) error {
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(Patience))
	way := byte(rng.IntN(goWays))
	p := newTalk(c, stream)
	p.Write(append(binary.BigEndian.AppendUint32(nil, stream), way))
	for range few + rng.IntN(20) {
		p.send(1 + rng.IntN(20))
		switch err := p.receive(); {
		case err == nil:
		case errors.As(err, new(*net.OpError)) && way != goEcho, errors.Is(err, io.EOF) && way != goEcho:
			return nil
		default:
			return err
		}
	}
	switch rng.IntN(4) {
	case 0:
		c.(*net.TCPConn).SetLinger(0)
	case 1:
		p.send(1000) // is not read by anybody
	case 2:
		p.send(1000)
		c.(*net.TCPConn).SetLinger(0)
	}
	return nil
}
