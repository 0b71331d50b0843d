//go:build linux

package sockettest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var relayTraps = []trap{
	{"RelayTinyBuffers", relayTinyBuffers},
	{"RelayMixes", relayMixes},
	{"RelayEnds", relayEnds},
	{"RelayUrgent", relayUrgent},
}

// A Joint is a relay, and the two peers that it joins.
type Joint struct {
	A, B   net.Conn
	SA, SB *Sink // of the channels before they were relayed
	Ended  chan channel.RelayResult
}

// Relay joins two connections with these options.
func (g *Group) Relay(o channel.RelayOptions, so engine.SocketOptions) *Joint {
	g.t.Helper()
	j := &Joint{SA: NewSink(), SB: NewSink(), Ended: make(chan channel.RelayResult, 1)}
	ln := g.Listen(engine.ListenConfig{Socket: so}, func(*channel.Channel) channel.Sink { return j.SA })
	j.A = g.Dial(ln)
	Await(g.t, "Open", j.SA.Opened)
	host, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		g.t.Fatal(err)
	}
	defer host.Close()
	o.Ended = func(r channel.RelayResult) { j.Ended <- r }
	_, err = g.Group.Dial(context.Background(), engine.DialConfig{
		Network: "tcp", Addr: host.Addr().String(), Loop: j.SA.Channel.Loop(), Options: channel.Options{}.Prepare(), Socket: so,
		Open: func(*channel.Channel) channel.Sink { return j.SB },
	})
	if err != nil {
		g.t.Fatal(err)
	}
	if j.B, err = host.Accept(); err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { j.B.Close() })
	j.B.SetDeadline(time.Now().Add(Patience))
	joined := make(chan error, 1)
	j.SA.Channel.Loop().Do(func(error) { joined <- channel.Relay(j.SA.Channel, j.SB.Channel, o) })
	if err := Await(g.t, "Relay", joined); err != nil {
		g.t.Fatal(err)
	}
	return j
}

// talks returns the relay as two talks, one of each direction.
func (j *Joint) talks(stream uint32) [2]*oneWay {
	return [2]*oneWay{{j.A, j.B, Flow{Stream: stream}, Flow{Stream: stream}}, {j.B, j.A, Flow{Stream: stream + 1}, Flow{Stream: stream + 1}}}
}

// oneWay is a direction of a relay.
type oneWay struct {
	from, to net.Conn
	out, in  Flow
}

// pass sends n bytes in pieces of up to most, while they arrive.
func (w *oneWay) pass(n, most int, rng *rand.Rand) error {
	sent := make(chan error, 1)
	go func() {
		for left := n; left > 0; {
			m := min(left, 1+rng.IntN(most))
			if _, err := w.from.Write(w.out.Next(m)); err != nil {
				sent <- err
				return
			}
			left -= m
		}
		sent <- nil
	}()
	err := w.in.CheckFrom(w.to, n, make([]byte, 64<<10))
	if err != nil {
		w.from.Close()
	}
	return errors.Join(err, <-sent)
}

func endWrite(c net.Conn) { c.(*net.TCPConn).CloseWrite() }

// relayTinyBuffers has sockets with hardly any room: what is spliced into one takes many events to leave.
func relayTinyBuffers(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	for i, pipe := range []int{0, 70_000, -1} {
		j := g.Relay(channel.RelayOptions{Pipe: pipe}, engine.SocketOptions{SendBuffer: 4 << 10, ReceiveBuffer: 4 << 10})
		ways := j.talks(uint32(10 * i))
		n := times(5 << 20)
		Together(t, 2, func(k int) error { return ways[k].pass(n, 300_000, rand.New(rand.NewPCG(1, uint64(k)))) })
		endWrite(j.A)
		endWrite(j.B)
		if r := Await(t, "the end", j.Ended); r.Err != nil || r.FromA.Copied+r.FromA.Spliced != int64(n) {
			t.Errorf("%+v after %d bytes", r, n)
		}
	}
}

// relayMixes has several relays on two loops whose directions change between messages and streams, and end one after the other.
func relayMixes(t *testing.T, e engine.Engine) {
	const relays = 4
	g := StartWith(t, e, engine.Config{Loops: 2})
	var all [relays]*Joint
	for i := range all {
		all[i] = g.Relay(channel.RelayOptions{}, engine.SocketOptions{})
	}
	Together(t, 2*relays, func(k int) error {
		w, rng := all[k/2].talks(uint32(2 * (k / 2)))[k%2], rand.New(rand.NewPCG(2, uint64(k)))
		for phase := range times(60) {
			n, most := 1+rng.IntN(1000), 100
			switch rng.IntN(4) {
			case 0:
				n, most = 1+rng.IntN(1<<20), 200_000
			case 1:
				n, most = 1+rng.IntN(100_000), 20_000
			}
			if err := w.pass(n, most, rng); err != nil {
				return fmt.Errorf("phase %d: %w", phase, err)
			}
		}
		endWrite(w.from)
		if n, err := w.to.Read(make([]byte, 1)); n != 0 || err == nil {
			return fmt.Errorf("%d bytes behind the end, %v", n, err)
		}
		return nil
	})
	for _, j := range all {
		if r := Await(t, "the end", j.Ended); r.Err != nil {
			t.Error(r.Err)
		}
	}
}

// relayEnds ends relays in the midst of streams: by resets of either side, aborts and ends of the stream, at any point.
func relayEnds(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	rng := rand.New(rand.NewPCG(3, 0))
	for round := range times(60) {
		j := g.Relay(channel.RelayOptions{}, engine.SocketOptions{})
		ways := j.talks(0)
		ended := round%5 == 0 // in order, while all is still under way
		size := 1 + rng.IntN(6<<20)
		go func() {
			j.A.Write(ways[0].out.Next(size))
			if ended {
				endWrite(j.A)
			}
		}()
		go j.B.Write(ways[1].out.Next(3 << 20))
		got := rng.IntN(size)
		if err := ways[0].in.CheckFrom(j.B, got, make([]byte, 64<<10)); err != nil {
			t.Fatal(err)
		}
		switch round % 5 {
		case 0:
			if err := ways[0].in.CheckFrom(j.B, size-got, make([]byte, 64<<10)); err != nil {
				t.Fatal(err)
			}
			if n, err := j.B.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Fatalf("%d bytes behind the end, %v", n, err)
			}
			if err := ways[1].in.CheckFrom(j.A, 3<<20, make([]byte, 64<<10)); err != nil {
				t.Fatal(err)
			}
			endWrite(j.B)
		case 1, 2:
			c := j.A
			if round%5 == 2 {
				c = j.B
			}
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		case 3:
			g.On(func() { j.SA.Channel.Abort(nil) })
		case 4:
			g.On(func() { j.SB.Channel.Close(errRelayTrap) })
			j.A.Close()
			j.B.Close()
		}
		r := Await(t, "the end", j.Ended)
		if round%5 == 0 && r.Err != nil {
			t.Errorf("round %d: %v", round, r.Err)
		}
		j.A.Close()
		j.B.Close()
	}
}

var errRelayTrap = errors.New("closed by the test")

// relayUrgent sends urgent data in the midst of a stream, which splice(2) does not get past: it is not relayed, all else is, also what was
// sent behind it before the end.
func relayUrgent(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	for round := range 6 {
		j := g.Relay(channel.RelayOptions{}, engine.SocketOptions{})
		w := j.talks(0)[0]
		rng := rand.New(rand.NewPCG(4, uint64(round)))
		if err := w.pass(4<<20, 300_000, rng); err != nil {
			t.Fatal(err)
		}
		raw, err := j.A.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(raw.Control(func(fd uintptr) { err = unix.Sendto(int(fd), []byte("!"), unix.MSG_OOB, nil) }), err); err != nil {
			t.Fatal(err)
		}
		behind := round % 3 * 100_000
		if _, err := j.A.Write(w.out.Next(behind)); err != nil {
			t.Fatal(err)
		}
		endWrite(j.A)
		if err := w.in.CheckFrom(j.B, behind, make([]byte, 64<<10)); err != nil {
			t.Fatalf("%d bytes behind urgent data: %v", behind, err)
		}
		if n, err := j.B.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Fatalf("%d bytes behind the end, %v", n, err)
		}
		endWrite(j.B)
		if r := Await(t, "the end", j.Ended); r.Err != nil {
			t.Error(r.Err)
		}
	}
}
