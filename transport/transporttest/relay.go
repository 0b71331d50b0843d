package transporttest

import (
	"context"
	"path/filepath"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var relayCases = []behaviour{
	{"RelayMessages", "short messages of both sides of a relay arrive in order", relayMessages},
	{"RelayStreams", "streams in both directions at once arrive whole, then their ends, and both channels close", relayStreams},
	{"RelayChanges", "messages and streams that take turns arrive in order", relayChanges},
	{"RelayUnix", "channels on Unix sockets are relayed too", relayUnix},
	{"RelayHalfClose", "the end of one side is passed on behind all it has sent, and the other goes on", relayHalfClose},
	{"RelayEnded", "the end of a side that was before the relay is passed on", relayEnded},
	{"RelaySlow", "a side that does not read makes the other wait, and gets everything when it reads", relaySlow},
	{"RelayLeftover", "what was queued, and what a sink has not used, goes first", relayLeftover},
}

// A joint is a relay, and the two peers that it joins.
type joint struct {
	w      *world
	a, b   *peer
	sa, sb *sink // of the channels before they were relayed
	ended  chan channel.RelayResult
}

// sides returns two channels of one loop that are not joined yet, and their peers.
func (w *world) sides(network string, a, b *sink) *joint {
	w.Helper()
	c := setup{network: network}
	addr := "127.0.0.1:0"
	if network == "unix" {
		c.addr, addr = filepath.Join(w.shortDir(), "a"), filepath.Join(w.shortDir(), "b")
	}
	j := &joint{w: w, sb: b, ended: make(chan channel.RelayResult, 1)}
	j.a, j.sa = w.listen(c, func() *sink { return a }).connect()
	h := w.host(network, addr)
	if _, err := w.group.Dial(context.Background(), w.dialConfig(h.Addr(), j.sa.ch.Loop(), b)); err != nil {
		w.Fatalf("Group.Dial: %v", err)
	}
	j.b = h.accept()
	return j
}

// join makes a relay of them.
func (j *joint) join(o channel.RelayOptions) *joint {
	j.w.Helper()
	o.Ended = func(r channel.RelayResult) { j.ended <- r }
	j.sa.do(func(ch *channel.Channel) {
		if err := channel.Relay(ch, j.sb.ch, o); err != nil {
			j.w.Errorf("Relay: %v", err)
		}
	})
	return j
}

// relay returns a relay of two channels whose sinks do nothing.
func (w *world) relay(o channel.RelayOptions) *joint {
	w.Helper()
	return w.sides("tcp", w.newSink(), w.newSink()).join(o)
}

// result waits for the end of the relay, which must have moved so many bytes, unless they are negative.
func (j *joint) result(fromA, fromB int) error {
	j.w.Helper()
	r := await(j.w, "the end of the relay", j.ended)
	for _, d := range []struct {
		name string
		got  channel.RelayStats
		want int
	}{{"a", r.FromA, fromA}, {"b", r.FromB, fromB}} {
		if n := d.got.Copied + d.got.Spliced; d.want >= 0 && n != int64(d.want) {
			j.w.Errorf("%d bytes from %s, want %d", n, d.name, d.want)
		}
	}
	for _, s := range []*sink{j.sa, j.sb} {
		if err := s.cause(); err != nil {
			j.w.Errorf("a sink that was put out of use was told %v, want nil", err)
		}
	}
	return r.Err
}

// finish ends both streams, and expects a normal end.
func (j *joint) finish(fromA, fromB int) {
	j.w.Helper()
	j.a.endStream()
	j.b.wantEnd()
	j.b.endStream()
	j.a.wantEnd()
	if err := j.result(fromA, fromB); err != nil {
		j.w.Errorf("the relay has ended with %v, want nil", err)
	}
}

func relayMessages(w *world) {
	j := w.relay(channel.RelayOptions{})
	for range 100 {
		j.a.sendText("question")
		j.b.wantText("question")
		j.b.sendText("an answer")
		j.a.wantText("an answer")
	}
	j.finish(800, 900)
	w.eventually("the relay to be counted", func() bool {
		s := w.group.Stats()
		return s.RelayedBytes+s.SplicedBytes == 800+900
	})
}

// both sends data both ways at once.
func (j *joint) both(fromA, fromB []byte) {
	j.w.Helper()
	sentA, sentB := j.a.sending(fromA), j.b.sending(fromB)
	got := make(chan error, 1)
	go func() { got <- j.a.compare(fromB) }()
	j.b.want(fromA)
	for _, c := range []<-chan error{sentA, sentB, got} {
		if err := await(j.w, "a stream", c); err != nil {
			j.w.Fatal(err)
		}
	}
}

func relayStreams(w *world) {
	for _, pipe := range []int{0, 100_000, -1} {
		j := w.relay(channel.RelayOptions{Pipe: pipe})
		j.both(pattern(9<<20+1, 1), pattern(7<<20+3, 2))
		j.finish(9<<20+1, 7<<20+3)
	}
}

func relayChanges(w *world) {
	j := w.relay(channel.RelayOptions{})
	a, b := 0, 0
	for round := range 12 {
		fromA, fromB := pattern(10, 1), pattern(20, 2)
		if round%3 == 0 {
			fromA = pattern(900_000, 3)
		}
		if round%4 == 0 {
			fromB = pattern(700_000, 4)
		}
		j.both(fromA, fromB)
		a, b = a+len(fromA), b+len(fromB)
	}
	j.finish(a, b)
}

func relayUnix(w *world) {
	j := w.sides("unix", w.newSink(), w.newSink()).join(channel.RelayOptions{})
	j.a.sendText("hello")
	j.b.wantText("hello")
	j.both(pattern(3<<20, 1), pattern(3<<20, 2))
	j.finish(3<<20+5, 3<<20)
}

func relayHalfClose(w *world) {
	j := w.relay(channel.RelayOptions{})
	request, reply := pattern(3<<20, 1), pattern(5<<20, 2)
	sent := j.a.sending(request)
	j.b.want(request)
	if err := await(w, "the request", sent); err != nil {
		w.Fatal(err)
	}
	j.a.endStream()
	j.b.wantEnd()
	j.b.sendText("one")
	j.a.wantText("one")
	sent = j.b.sending(reply)
	j.a.want(reply)
	if err := await(w, "the reply", sent); err != nil {
		w.Fatal(err)
	}
	never(w, "the end of the relay", j.ended)
	j.b.endStream()
	j.a.wantEnd()
	if err := j.result(len(request), 3+len(reply)); err != nil {
		w.Errorf("the relay has ended with %v, want nil", err)
	}
}

func relayEnded(w *world) {
	a := w.newSink()
	a.onOpen = func(s *sink) error { s.ch.KeepOpen(); return nil }
	j := w.sides("tcp", a, w.newSink())
	j.a.endStream()
	await(w, "EOF", a.ended)
	j.join(channel.RelayOptions{})
	j.b.wantEnd()
	j.b.sendText("reply")
	j.b.endStream()
	j.a.wantText("reply")
	j.a.wantEnd()
	if err := j.result(0, 5); err != nil {
		w.Errorf("the relay has ended with %v, want nil", err)
	}
}

func relaySlow(w *world) {
	j := w.relay(channel.RelayOptions{})
	const most = 8 << 20 // a pipe or the queue, as long as what is in both sockets does not count
	data := pattern(48<<20, 1)
	for _, from := range []struct{ p, to *peer }{{j.a, j.b}, {j.b, j.a}} {
		sent := from.p.sending(data)
		from.to.want(data[:1000])
		// The other direction is not held up.
		for range 10 {
			from.to.sendText("ping")
			from.p.wantText("ping")
		}
		w.eventually("the queue to stop growing", func() bool {
			return w.pool.Live() < 200
		})
		if n := w.pool.Stats().Live; n > most {
			w.Errorf("%d bytes are in use for a peer that does not read", n)
		}
		never(w, "the end of the relay", j.ended)
		from.to.want(data[1000:])
		if err := await(w, "the stream", sent); err != nil {
			w.Fatal(err)
		}
	}
	j.finish(len(data)+40, len(data)+40)
}

// hoarder is a sink that keeps what it gets until it is put out of use.
type hoarder struct {
	*sink
	kept *buffer.Buf
}

func (h *hoarder) Read(b *buffer.Buf) error {
	h.ch.Keep()
	if h.kept == nil {
		h.kept = b
	} else {
		h.kept.Append(b)
	}
	h.received.Add(int64(h.kept.Len()))
	return nil
}

func (h *hoarder) Leftover() *buffer.Buf {
	b := h.kept
	h.kept = nil
	return b
}

func relayLeftover(w *world) {
	for range 3 {
		a := &hoarder{sink: w.newSink()}
		j := w.sides("tcp", a.sink, w.newSink())
		h := w.host("tcp", "127.0.0.1:0")
		c := w.dialConfig(h.Addr(), a.ch.Loop(), a.sink)
		c.Open = func(*channel.Channel) channel.Sink { a.sink = w.newSink(); return a }
		if _, err := w.group.Dial(context.Background(), c); err != nil {
			w.Fatal(err)
		}
		from := h.accept()
		from.sendText("what was read already, ")
		w.eventually("the hoarder to have it", func() bool { return a.received.Load() > 0 })
		j.sb.do(func(ch *channel.Channel) { ch.Write(j.sb.text("queued, ")) })
		j.a, j.sa = from, a.sink
		j.sa.do(func(ch *channel.Channel) {
			ch.Write(a.text("reply, "))
			ch.SetReading(false)
		})
		from.sendText("what was not")
		j.join(channel.RelayOptions{})
		j.b.wantText("queued, what was read already, what was not")
		j.b.sendText("and back")
		from.wantText("reply, and back")
		j.finish(35, 8)
	}
}
