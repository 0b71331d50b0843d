//go:build linux

package socket_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// TCP_INFO of connections over loopback: of one, and of all together, a few at a time.
func TestTCPInfo(t *testing.T) {
	onEach(t, func(t *testing.T, v variant) {
		g := sockettest.StartWith(t, v.engine, engine.Config{Loops: 2})
		const conns = 10
		sinks := make(chan *sockettest.Sink, conns)
		ln := g.Listen(engine.ListenConfig{}, func(*channel.Channel) channel.Sink {
			s := sockettest.Echo()
			sinks <- s
			return s
		})
		var all []*sockettest.Sink
		for range conns {
			p := g.Dial(ln)
			p.Write(make([]byte, 1000))
			if n, err := p.Read(make([]byte, 1000)); n == 0 {
				t.Fatal(err)
			}
			all = append(all, sockettest.Await(t, "a sink", sinks))
		}
		ran := make(chan error)
		var info channel.TCPInfo
		ch := all[0].Channel
		ch.Loop().Do(func(error) { ran <- ch.TCPInfo(&info) })
		if err := sockettest.Await(t, "TCPInfo", ran); err != nil {
			t.Fatal(err)
		}
		if info.State != channel.TCPEstablished || info.State.String() != "established" || info.RTT <= 0 || info.RTT > 10*time.Second || info.MSS < 500 ||
			info.Window < 1 || info.RTO < 100*time.Millisecond || info.BytesReceived != 1000 || info.BytesSent == 0 {
			t.Errorf("%+v", info)
		}
		for _, c := range []struct{ most, want int }{{0, conns}, {1000, conns}, {4, 4}, {4, 4}, {1, 1}} {
			s, err := g.Group.(engine.Sampler).SampleTCP(context.Background(), c.most)
			if err != nil || s.Conns != c.want {
				t.Errorf("a sample of %d: %+v, %v, want %d connections", c.most, s, err, c.want)
			}
			if s.Timed != s.Conns || s.MinRTT <= 0 || s.MaxRTT < s.MinRTT || s.SumRTT < s.MaxRTT || s.BytesSent < uint64(s.Conns) {
				t.Errorf("a sample of %d: %+v", c.most, s)
			}
		}
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := g.Group.(engine.Sampler).SampleTCP(ended, 1); err != nil && err != context.Canceled && !strings.Contains(err.Error(), "canceled") {
			t.Errorf("a sample after the end of its context: %v", err)
		}
	})
}

// A snapshot allocates nothing, and every connection is in a sample before one is there again.
func TestTCPInfoAllocates(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		ln := g.Listen(engine.ListenConfig{}, func(*channel.Channel) channel.Sink { return s })
		g.Dial(ln)
		sockettest.Await(t, "Open", s.Opened)
		var n float64
		g.On(func() {
			var info channel.TCPInfo
			n = testing.AllocsPerRun(100, func() { s.Channel.TCPInfo(&info) })
		})
		if n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
