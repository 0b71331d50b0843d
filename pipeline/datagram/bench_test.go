package datagram_test

import (
	"net/netip"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	sockets "github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/pipeline/datagram"
)

// BenchmarkEcho is all that user code costs for a packet of a burst of 64 that is echoed: from the views of what was received to the
// runs that are ready to be sent.
func BenchmarkEcho(b *testing.B) {
	l := channeltest.NewLoop(b)
	p := new(sender)
	stage := datagram.Serve(func(c *datagram.Ctx[*buffer.Buf], m *buffer.Buf, from datagram.Address) error {
		return c.Write(m, from)
	})
	p.Init(l.Loop, p, datagram.With(stage)(nil), netip.AddrPort{}, sockets.Options{}.Prepare())
	p.Open()
	from := sockets.To(ann)
	b.ReportAllocs()
	for b.Loop() {
		if p.Room() == nil {
			b.Fatal("no room")
		}
		for range 64 {
			p.Received(sockets.Packet{Data: l.Cache().Received(64), Address: from})
		}
		p.ReceivedEnd()
		l.Loop.Turn()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/packet")
	b.ReportMetric(0, "ns/op")
	p.Abort(nil)
	l.Settle()
}

// sender is a backend that takes everything.
type sender struct {
	sockets.Port
	batch sockets.Batch
}

func (s *sender) Flush(o *sockets.Outbound) error {
	for o.Len() > 0 {
		o.Next(&s.batch, sockets.Limits{Runs: 64, Segments: 64, Size: 1 << 16})
		for i := range s.batch.Runs {
			o.Sent(s.batch.Runs[i].Packets)
		}
	}
	return nil
}

func (s *sender) SetReading(bool)                {}
func (s *sender) HasInput() bool                 { return true }
func (s *sender) Join(sockets.Membership) error  { return nil }
func (s *sender) Leave(sockets.Membership) error { return nil }
func (s *sender) Overrun() uint64                { return 0 }
func (s *sender) Close()                         {}
func (s *sender) Local() netip.AddrPort          { return ann }
