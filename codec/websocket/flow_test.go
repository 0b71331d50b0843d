package websocket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// Replies to one burst leave as one piece; that to a single message leaves from where the message was read.
func TestOnePiece(t *testing.T) {
	for _, n := range []int{1, 2, 32} {
		p := pipelinetest.New(t, new(websocket.Server).Stage(), echo())
		payload := strings.Repeat("x", 125)
		for range 3 {
			p.Feed(strings.Repeat(masked(fin|text, payload)+masked(fin|ping, "?"), n))
		}
		for _, w := range p.Conn.Wire.Writes() {
			if w.Pieces != 1 {
				t.Errorf("%d messages left in %d pieces", n, w.Pieces)
			}
		}
		if got, want := p.Output(), strings.Repeat(plain(fin|text, payload)+plain(fin|pong, "?"), 3*n); got != want {
			t.Errorf("%d messages: got %s", n, show(got))
		}
	}
}

// A small frame that comes in parts leaves as one piece too: room is made for it with its first part.
func TestOnePieceOfParts(t *testing.T) {
	p := pipelinetest.New(t, new(websocket.Server).Stage(), echo())
	payload := strings.Repeat("x", 3000)
	in := masked(fin|text, payload)
	p.FeedCut(in, 100, 101, 1000, 2999)
	if w := p.Conn.Wire.Writes(); len(w) != 1 || w[0].Pieces != 1 {
		t.Errorf("%+v", w)
	}
	if out := p.Output(); out != plain(fin|text, payload) {
		t.Errorf("got %s", show(out))
	}
}

// An echo of a single message leaves from where it was read, with the header where the old one was; also behind a burst.
func TestInPlace(t *testing.T) {
	for _, size := range []int{125, 126, 5000, 60_000} {
		e := newEngine(t)
		w := e.open(new(websocket.Server).Stage(), echo())
		payload := strings.Repeat("x", size)
		in := masked(fin|binar, payload)
		for _, before := range []string{"", strings.Repeat(masked(fin|text, "burst"), 10), masked(text, "a") + masked(fin|cont, "b")} {
			if before != "" {
				e.burst(w, before)
			}
			room, err := e.loop.Cache().ReceiveRoom()
			if err != nil {
				t.Fatal(err)
			}
			shorter := 4 // bytes of a key
			e.burst(w, in)
			if w.first != &room[shorter] || w.pieces != 1 {
				t.Errorf("%d bytes behind %d others: not sent from where they were read, or in %d pieces", size, len(before), w.pieces)
			}
		}
	}
}

// What a peer has begun to send does not keep the block in place that it was read into.
func TestHeldMemory(t *testing.T) {
	for _, in := range []string{masked(fin|text, "Hello")[:3], masked(fin|text, strings.Repeat("x", 1000))[:20],
		masked(text, strings.Repeat("x", 3000)), masked(fin|binar, strings.Repeat("x", 1<<20))[:200],
		masked(fin|ping, "Hello")[:9], masked(fin|text, "whole") + masked(fin|text, "cut")[:7]} {
		e := newEngine(t)
		w := e.open(new(websocket.Server).Stage(), echo())
		before, _ := e.loop.Cache().ReceiveRoom()
		e.burst(w, in)
		if after, _ := e.loop.Cache().ReceiveRoom(); &after[0] != &before[0] {
			t.Errorf("%d bytes of input: something of them is kept where it was read", len(in))
		}
	}
}

// A peer that does not take its replies is not read from, and gets all of them later.
func TestStalledPeer(t *testing.T) {
	p := pipelinetest.New(t, new(websocket.Server).Stage(), echo())
	p.Stall()
	payload := strings.Repeat("x", 10_000)
	var want strings.Builder
	for i := range 30 {
		m := fmt.Sprint(i, payload)
		p.Feed(masked(fin|binar, m) + masked(text, m) + masked(fin|ping, "?") + masked(fin|cont, m))
		want.WriteString(plain(fin|binar, m) + plain(fin|pong, "?") + plain(fin|text, m+m))
	}
	if p.Unread() == 0 || p.Channel().Queued() > 200_000 {
		t.Errorf("%d bytes unread, %d queued", p.Unread(), p.Channel().Queued())
	}
	p.Unstall()
	if got := p.Output(); got != want.String() {
		t.Errorf("got %s", show(got))
	}
}

// What came before the peer ended its stream is answered, also if its answers have to wait.
func TestStalledEnd(t *testing.T) {
	for _, last := range []string{masked(fin|closes, closing(1000, "")), ""} {
		p := pipelinetest.New(t, new(websocket.Server).Stage(), echo())
		p.Stall()
		m := strings.Repeat("x", 10_000)
		p.Feed(strings.Repeat(masked(fin|binar, m), 6)) // less than the high mark
		p.Feed(strings.Repeat(masked(fin|binar, m), 4) + last)
		p.Conn.ReceivedEOF() // an engine may say so though nothing is read
		p.Loop.Settle()
		if p.Channel().Closing() {
			t.Error("closed before all was answered")
		}
		p.Unstall()
		want := strings.Repeat(plain(fin|binar, m), 10)
		if last != "" {
			want += plain(fin|closes, closing(1000, ""))
		}
		if got := p.Output(); got != want || !p.Closed() {
			t.Errorf("got %d bytes of %d, closed %v", len(got), len(want), p.Closed())
		}
		if e := (*websocket.CloseError)(nil); errors.As(p.Cause(), &e) != (last == "") {
			t.Errorf("cause %v", p.Cause())
		}
	}
}

// A channel that reads on while its output waits answers the latest of many Pings.
func TestPingFlood(t *testing.T) {
	p := pipelinetest.Config{Options: channel.Options{KeepReading: true}}.New(t, new(websocket.Client).Stage(), echo())
	p.Stall()
	p.Feed(plain(fin|binar, strings.Repeat("x", 100_000)))
	for i := range 10_000 {
		p.Feed(plain(fin|ping, fmt.Sprint(i)))
	}
	if n := p.Channel().Queued(); n > 101_000 {
		t.Errorf("%d bytes queued", n)
	}
	p.Unstall()
	frames := framesOf(p.Output())
	if len(frames) != 2 || frames[1].first != fin|pong || frames[1].payload != "9999" {
		t.Errorf("%d frames, the last one %+v", len(frames), frames[len(frames)-1])
	}

	p.Stall() // and one that waits is dropped with the connection
	p.Feed(plain(fin|binar, strings.Repeat("x", 100_000)) + plain(fin|ping, "last"))
	p.Break(errors.New("reset"))
}

// A handler that pauses gets the next message when it resumes, not earlier.
func TestPause(t *testing.T) {
	var got []string
	p := pipelinetest.New(t, new(websocket.Server).Stage(), websocket.Serve(func(c *websocket.Ctx, m websocket.Message) error {
		got = append(got, m.Data.Text(0, m.Data.Len()))
		m.Release()
		c.Channel().SetReading(false)
		return nil
	}))
	p.Feed(masked(fin|text, "a") + masked(text, "b") + masked(fin|cont, "c") + masked(fin|text, "d"))
	for i, want := range [][]string{{"a"}, {"a", "bc"}, {"a", "bc", "d"}} {
		if !slices.Equal(got, want) {
			t.Errorf("round %d: %q", i, got)
		}
		p.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	}
}

// With Stream a message is passed on as it comes.
func TestStream(t *testing.T) {
	p, in := open(t, &websocket.Server{Stream: true, Limits: websocket.Limits{Message: 100}})
	p.Feed(masked(fin|text, "whole"))
	p.Feed(masked(text, "one") + masked(cont, "") + masked(cont, "two") + masked(fin|cont, ""))
	p.Feed(masked(text, "") + masked(fin|cont, ""))
	p.Feed(masked(binar, "") + masked(fin|ping, "") + masked(fin|cont, "end"))
	want := []string{"text:whole", "text+:one", "+text+:two", "+text:", "text:", "binary:end"}
	if got := in.take(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	p.Feed(masked(fin|text, "cut here")[:9])
	if got := in.take(); !slices.Equal(got, []string{"text+:cut"}) {
		t.Errorf("%q", got)
	}
	p.Feed(masked(fin|text, "cut here")[9:])
	if got := in.take(); !slices.Equal(got, []string{"+text: here"}) {
		t.Errorf("%q", got)
	}
	p.Feed(masked(text, strings.Repeat("x", 60)) + masked(fin|cont, strings.Repeat("x", 41)))
	if got := in.take(); len(got) != 1 {
		t.Errorf("%q", got)
	}
	if code, _ := closeOf(p.Output()[2:]); code != 1009 { // behind the pong
		t.Errorf("closed with %d", code)
	}
}

// A stream is checked too: text as it comes, and at its end.
func TestStreamUTF8(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{masked(text, "a\xe2") + masked(cont, "\x82") + masked(fin|cont, "\xac"), []string{"text+:a\xe2", "+text+:\x82", "+text:\xac"}},
		{masked(text, "a\xe2") + masked(cont, "\x28"), []string{"text+:a\xe2"}},
		{masked(text, "a\xe2") + masked(fin|cont, "\x82"), []string{"text+:a\xe2"}},
		{masked(binar, "a\xe2") + masked(fin|cont, "\x28"), []string{"binary+:a\xe2", "+binary:\x28"}},
	} {
		p, in := open(t, &websocket.Server{Stream: true})
		p.Feed(c.in)
		if got := in.take(); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// A stream of pieces that is sent back is the same message.
func TestStreamEcho(t *testing.T) {
	payload := strings.Repeat("0123456789", 1000)
	in := masked(text, payload) + masked(fin|ping, "?") + masked(cont, payload) + masked(fin|cont, payload) + masked(fin|binar, "x")
	for _, way := range feedings(len(in)) {
		r := serve(t, &websocket.Server{Stream: true}, way, in)
		var got, kinds string
		for _, f := range framesOf(r.out) {
			switch f.first &^ fin {
			case text, cont, binar:
				got += f.payload
			}
			if f.first&^fin != cont || f.first&fin != 0 {
				kinds += fmt.Sprintf("%x ", f.first)
			}
		}
		if got != payload+payload+payload+"x" || kinds != "1 8a 80 82 " && kinds != "1 8a 80 8a 82 " {
			t.Errorf("%s: %d bytes, frames %s", way.name, len(got), kinds)
		}
	}
}

// A handler that panics loses its connection, and no buffer.
func TestPanic(t *testing.T) {
	for _, in := range []string{masked(fin|text, "x"), masked(text, "a") + masked(fin|cont, "b"), masked(fin|ping, "x"),
		masked(fin|text, "x") + masked(fin|text, "y")} {
		p := pipelinetest.New(t, (&websocket.Server{Control: true}).Stage(), websocket.Serve(func(*websocket.Ctx, websocket.Message) error {
			panic("on purpose")
		}))
		p.Feed(in)
		p.EOF()
		if got := p.Loop.Panics(); len(got) != 1 || !p.Closed() {
			t.Errorf("panics %q, closed %v", got, p.Closed())
		}
	}
}

// tap is a stage below the WebSocket that keeps clones of what passes.
type tap struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
	kept []*buffer.Buf
}

func (s *tap) Read(b *buffer.Buf) error { return s.Fire(b) }

func (s *tap) Write(b *buffer.Buf) error {
	s.kept = append(s.kept, b.Clone())
	return s.Context.Write(b)
}

func (s *tap) Closed(error) {
	for _, b := range s.kept {
		b.Release()
	}
}

// What a handler keeps a clone of is not changed by sending it.
func TestCloneKept(t *testing.T) {
	for _, size := range []int{10, 100_000} {
		keep := new(tap)
		p := pipelinetest.New(t, new(websocket.Client).Stage(), websocket.Serve(func(c *websocket.Ctx, m websocket.Message) error {
			keep.kept = append(keep.kept, m.Data.Clone())
			return c.Write(m)
		}))
		payload := strings.Repeat("x", size)
		p.Feed(plain(fin|text, payload) + plain(fin|text, payload))
		for _, b := range keep.kept {
			if b.Text(0, b.Len()) != payload {
				t.Errorf("%d bytes: what was kept has changed", size)
			}
			b.Release()
		}
	}
}

// A client masks messages of any number of pieces.
func TestClientPieces(t *testing.T) {
	in := new(inbox)
	p := pipelinetest.New(t, new(websocket.Client).Stage(), in)
	payload := string(numbers(5000 + 3 + 70_001 + 1))
	p.Do(func(*channel.Channel) {
		b, at := p.Buf(""), 0
		for _, n := range []int{5000, 3, 70_001, 1} {
			b.Gather(p.Buf(payload[at:at+n]), 0)
			at += n
		}
		in.Write(websocket.Message{Kind: websocket.Binary, Data: b})
	})
	if f := framesOf(p.Output()); len(f) != 1 || !f[0].masked || f[0].payload != payload {
		t.Errorf("%d frames", len(f))
	}
}

// Every frame of a client has another key.
func TestClientKeys(t *testing.T) {
	p := pipelinetest.New(t, new(websocket.Client).Stage(), echo())
	p.Feed(strings.Repeat(plain(fin|binar, "x"), 100) + strings.Repeat(plain(fin|binar, strings.Repeat("y", 2000)), 10))
	keys := map[string]bool{}
	for out := p.Output(); out != ""; {
		f, n := frameOf(out)
		keys[out[n-len(f.payload)-4:n-len(f.payload)]] = true
		out = out[n:]
	}
	if len(keys) < 109 { // two of 110 may be the same once in 700,000 runs
		t.Errorf("%d keys for 110 frames", len(keys))
	}
}

// A pipeline with other stages between the wire and the WebSocket works, and links.
func TestBelow(t *testing.T) {
	p := pipelinetest.New(t, new(tap), new(websocket.Server).Stage(), echo())
	p.Feed(masked(fin|text, "Hello") + masked(fin|text, "World"))
	if out := p.Output(); out != plain(fin|text, "Hello")+plain(fin|text, "World") {
		t.Errorf("got %q", out)
	}
	if err := pipeline.Check(new(websocket.Server).Stage(), pipeline.Serve(func(*pipeline.Ctx[*buffer.Buf], *buffer.Buf) error { return nil })); err == nil ||
		!strings.Contains(err.Error(), "websocket fires websocket.Message") {
		t.Errorf("a stage that takes buffers: %v", err)
	}
}
