package datagram_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/channel/datagram/datagramtest"
)

// TestQueueModel writes packets of all shapes and takes them in all ways, and compares what leaves with a list.
func TestQueueModel(t *testing.T) {
	seeds := uint64(300)
	if testing.Short() {
		seeds = 60
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { queueModel(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func queueModel(t *testing.T, r *rand.Rand) {
	l := channeltest.NewLoop(t)
	s := new(datagramtest.Sink)
	c := datagramtest.Open(l, t, s, datagram.Options{Marks: channel.Watermark{High: 1 << 20}})
	c.Wire.Limits = datagram.Limits{Runs: 1 + r.IntN(5), Segments: 1 + r.IntN(6), Size: r.IntN(40)}
	lost := errors.New("lost")
	peers := []netip.AddrPort{ann, bob, eve}
	var want []string
	number := 0
	write := func(s *datagram.Socket) {
		for range 1 + r.IntN(150) {
			number++
			text := fmt.Sprintf("%d-%0*d", number, r.IntN(30), 0)[r.IntN(2):]
			if r.IntN(10) == 0 {
				text = ""
			}
			b := pieces(l, r, text)
			peer := peers[r.IntN(1+r.IntN(3))]
			if err := s.Send(datagram.Packet{Data: b, Address: datagram.To(peer), TOS: uint8(r.IntN(8) / 7)}); err != nil {
				t.Fatal(err)
			}
			want = append(want, to(text, peer))
		}
	}
	gone := 0 // of want, which left or were lost
	var got []string
	for range 12 {
		switch r.IntN(4) {
		case 0:
			c.Wire.Add(datagramtest.Again())
		case 1:
			c.Wire.Add(datagramtest.Take(1+r.IntN(70)), datagramtest.Lose(lost), datagramtest.Again())
		default:
			c.Wire.Add(datagramtest.Take(1 + r.IntN(70)))
		}
		c.Do(write)
		if r.IntN(2) == 0 {
			c.Unstall()
		}
	}
	for range 50 {
		c.Unstall()
	}
	for _, s := range c.Wire.Sent() {
		got = append(got, s.String())
	}
	for _, g := range got {
		for gone < len(want) && want[gone] != g {
			want = append(want[:gone], want[gone+1:]...) // it must have been lost
		}
		gone++
	}
	if left := len(want) - gone; left > 0 && len(got) > 0 { // the last ones were lost
		want = want[:gone]
	}
	if len(got) != len(want) || uint64(len(got)) != c.Stats().Sent || uint64(number-len(got)) != c.Stats().Lost {
		t.Fatalf("%d packets left of %d, in order %d; stats %+v", len(got), number, len(want), c.Stats())
	}
	if bytes, packets := c.Queued(); bytes != 0 || packets != 0 {
		t.Errorf("%d bytes, %d packets are left", bytes, packets)
	}
}

// pieces returns a buffer with the bytes of s in one piece or several, as a view of what was received or not.
func pieces(l *channeltest.Loop, r *rand.Rand, s string) *buffer.Buf {
	if s != "" && r.IntN(2) == 0 {
		return l.Received(s)
	}
	b := l.Pool.Alloc(0)
	for n := 0; n < len(s); {
		m := 1 + r.IntN(len(s)-n)
		o := buffer.Wrap(l.Pool, []byte(s[n:n+m]), nil)
		b.Append(o)
		n += m
	}
	return b
}

// A packet in many pieces leaves whole, and in few pieces.
func TestManyPieces(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := datagramtest.Open(l, t, new(datagramtest.Sink), datagram.Options{})
	want := ""
	b := l.Pool.Alloc(0)
	for i := range 100 {
		s := fmt.Sprintf("%0300d", i)
		want += s
		b.Append(buffer.Wrap(l.Pool, []byte(s), nil))
	}
	if b.Segments() < 50 {
		t.Fatalf("the buffer has %d pieces", b.Segments())
	}
	c.WriteTo(b, ann)
	l.Settle()
	if sent := c.Wire.Sent(); len(sent) != 1 || sent[0].Data != want {
		t.Errorf("%d packets sent", len(sent))
	}
}

// TestRuns looks at what is joined for segmentation offload.
func TestRuns(t *testing.T) {
	limits := datagram.Limits{Runs: 64, Segments: 3, Size: 4}
	for _, c := range []struct {
		packets []int // sizes; negative ones go to bob
		want    string
	}{
		{[]int{2, 2, 2, 2}, "[3x2=6 1x2=2]"},
		{[]int{3, 3, 2, 3}, "[3x3=8 1x3=3]"},
		{[]int{3, 2, 2}, "[2x3=5 1x2=2]"},
		{[]int{2, 3}, "[1x2=2 1x3=3]"},
		{[]int{2, -2, 2}, "[1x2=2 1x2=2 1x2=2]"},
		{[]int{0, 0, 1}, "[1x0=0 1x0=0 1x1=1]"},
		{[]int{5, 5}, "[1x5=5 1x5=5]"},
		{[]int{1, 0}, "[1x1=1 1x0=0]"},
	} {
		l := channeltest.NewLoop(t)
		k := &runs{limits: limits}
		k.Init(l.Loop, k, new(datagramtest.Sink), netip.AddrPort{}, datagram.Options{}.Prepare())
		k.Open()
		for i, n := range c.packets {
			peer := ann
			if n < 0 {
				n, peer = -n, bob
			}
			b := l.Received(fmt.Sprint(100000 + i))
			b.Truncate(n)
			k.WriteTo(b, peer)
		}
		l.Settle()
		if k.got != c.want {
			t.Errorf("%v: %s, want %s", c.packets, k.got, c.want)
		}
		k.Abort(nil)
		l.Settle()
	}
}

// runs is a backend that notes the runs of the first batch.
type runs struct {
	datagram.Port
	limits datagram.Limits
	got    string
}

func (k *runs) Flush(o *datagram.Outbound) error {
	var b datagram.Batch
	o.Next(&b, k.limits)
	var list []string
	n := 0
	for _, r := range b.Runs {
		list = append(list, fmt.Sprintf("%dx%d=%d", r.Packets, r.Size, r.Bytes))
		n += r.Packets
	}
	k.got = fmt.Sprint(list)
	o.Sent(n)
	return nil
}

func (k *runs) SetReading(bool)                 {}
func (k *runs) HasInput() bool                  { return true }
func (k *runs) Join(datagram.Membership) error  { return nil }
func (k *runs) Leave(datagram.Membership) error { return nil }
func (k *runs) Overrun() uint64                 { return 0 }
func (k *runs) Close()                          {}
func (k *runs) Local() netip.AddrPort           { return netip.AddrPort{} }
