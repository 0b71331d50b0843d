package websocket_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// With Control the handler sees control frames too, after they were answered.
func TestControl(t *testing.T) {
	in := masked(text, "a") + masked(fin|ping, "1") + masked(fin|cont, "b") + masked(fin|pong, "2") + masked(fin|closes, closing(1000, "bye")) +
		masked(fin|ping, "3")
	want := []string{"ping:1", "text:ab", "pong:2", "close:" + closing(1000, "bye")}
	for _, way := range feedings(len(in)) {
		p, box := open(t, &websocket.Server{Control: true})
		way.feed(p, in)
		if got := box.take(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", way.name, got, want)
		}
		if out := p.Output(); out != plain(fin|pong, "1")+plain(fin|closes, closing(1000, "")) {
			t.Errorf("%s: wrote %q", way.name, out)
		}
	}
	p, box := open(t, new(websocket.Server))
	p.Feed(in)
	if got := box.take(); !slices.Equal(got, []string{"text:ab"}) {
		t.Errorf("without Control: %q", got)
	}
}

// Ping and Close may be sent by the application.
func TestControlWritten(t *testing.T) {
	p, in := open(t, &websocket.Server{Control: true})
	p.Do(func(*channel.Channel) {
		in.Write(websocket.Message{Kind: websocket.Ping, Data: p.Buf("are you there?")})
		in.Write(websocket.Message{Kind: websocket.Pong})
		in.Write(websocket.Message{Kind: websocket.Close, Data: p.Buf(closing(4000, "go"))})
	})
	if out, want := p.Output(), plain(fin|ping, "are you there?")+plain(fin|pong, "")+plain(fin|closes, closing(4000, "go")); out != want {
		t.Errorf("wrote %q, want %q", out, want)
	}
	p.Feed(masked(fin|pong, "too late") + masked(fin|closes, ""))
	if got := in.take(); !slices.Equal(got, []string{"close:"}) {
		t.Errorf("delivered %q", got)
	}
}

// A silent peer is pinged, and closed when it stays silent. Any input counts as a sign of life.
func TestIdle(t *testing.T) {
	p, in := open(t, new(websocket.Server))
	p.Advance(44 * time.Second)
	if out := p.Output(); out != "" {
		t.Errorf("wrote %q after 44 s", out)
	}
	p.Advance(2 * time.Second)
	if out := p.Output(); out != plain(fin|ping, "") {
		t.Errorf("wrote %q after 46 s", out)
	}
	p.Feed(masked(fin|pong, ""))
	for range 10 {
		p.Advance(40 * time.Second)
		p.Feed(masked(fin|text, "x"))
	}
	if out := p.Output(); out != "" {
		t.Errorf("wrote %q to a peer that talks", out)
	}
	p.Advance(46 * time.Second)
	if out := p.Output(); out != plain(fin|ping, "") {
		t.Errorf("wrote %q to a peer that has talked", out)
	}
	p.Advance(43 * time.Second)
	if p.Ended() {
		t.Error("ended after 89 s")
	}
	p.Advance(2 * time.Second)
	if out := p.Output(); out != plain(fin|closes, closing(1001, "")) || !p.Ended() {
		t.Errorf("wrote %q, ended %v after 91 s", out, p.Ended())
	}
	p.EOF()
	if !errors.Is(in.cause, websocket.ErrIdle) {
		t.Errorf("cause %v", in.cause)
	}
}

func TestIdleSettings(t *testing.T) {
	const never = -1
	for _, c := range []struct {
		timeouts  websocket.Timeouts
		pings     int
		endsAfter time.Duration // 0 for never
	}{
		{websocket.Timeouts{Ping: never, Idle: never, Message: never}, 0, 0},
		{websocket.Timeouts{Ping: never}, 0, 90 * time.Second},
		{websocket.Timeouts{Ping: 10 * time.Second}, 1, 20 * time.Second},
		{websocket.Timeouts{Ping: 10 * time.Second, Idle: never}, 1, 0},
		{websocket.Timeouts{Ping: 10 * time.Second, Idle: 15 * time.Second}, 1, 15 * time.Second},
		{websocket.Timeouts{Ping: 10 * time.Second, Idle: 5 * time.Second}, 0, 5 * time.Second},
	} {
		p, in := open(t, &websocket.Server{Timeouts: c.timeouts})
		for at := time.Duration(0); at < 200*time.Second; at += time.Second {
			if due := c.endsAfter != 0 && at >= c.endsAfter+time.Second; p.Ended() != due && at != c.endsAfter {
				t.Fatalf("%+v: ended %v after %v", c.timeouts, p.Ended(), at)
			}
			p.Advance(time.Second)
		}
		if got := strings.Count(p.Output(), plain(fin|ping, "")); got != c.pings {
			t.Errorf("%+v: %d pings", c.timeouts, got)
		}
		if c.endsAfter == 0 { // pings go on after the peer was heard
			p.Feed(masked(fin|text, "x"))
			p.Advance(11 * time.Second)
			if got := strings.Count(p.Output(), plain(fin|ping, "")); got != c.pings {
				t.Errorf("%+v: %d pings in the second silence", c.timeouts, got)
			}
		}
		_ = in
	}
}

// A message must end in time, however busy the peer seems.
func TestSlowMessage(t *testing.T) {
	for _, stream := range []bool{false, true} {
		p, in := open(t, &websocket.Server{Stream: stream})
		p.Feed(masked(text, "begun"))
		for range 9 {
			p.Advance(20 * time.Second)
			p.Feed(masked(cont, "x") + masked(fin|ping, ""))
		}
		if p.Ended() == stream {
			t.Errorf("stream %v: ended %v after 3 min", stream, p.Ended())
		}
		p.EOF()
		if errors.Is(in.cause, websocket.ErrSlow) == stream {
			t.Errorf("stream %v: cause %v", stream, in.cause)
		}
	}
	p := compressing(t, &websocket.Server{Stream: true, Deflate: &websocket.Deflate{}}, offer) // which is collected
	p.Feed(masked(rsv1|text, "\xf2"))
	for range 7 {
		p.Advance(20 * time.Second)
		p.Feed(masked(cont, "") + masked(fin|ping, ""))
	}
	if p.EOF(); !errors.Is(p.Cause(), websocket.ErrSlow) {
		t.Errorf("compressed, to a server that streams: cause %v", p.Cause())
	}
	p, _ = open(t, new(websocket.Server)) // one after the other is not one that does not end
	for range 20 {
		p.Feed(masked(text, "begun"))
		p.Advance(20 * time.Second)
		p.Feed(masked(fin|cont, "ended"))
	}
	if p.Ended() {
		t.Error("ended though each message came in time")
	}
}

// While the application has paused, nobody can be heard and no message can end, and nobody is closed for it.
func TestIdlePaused(t *testing.T) {
	p, _ := open(t, new(websocket.Server))
	p.Feed(masked(text, "begun"))
	p.Channel().SetReading(false)
	p.Advance(10 * time.Minute)
	if p.Ended() || p.Output() != "" {
		t.Error("closed or pinged while paused")
	}
	p.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	p.Advance(2 * time.Minute)
	if !p.Ended() {
		t.Error("not closed when reading was resumed")
	}
}

// A peer that takes nothing is closed although it cannot be heard either.
func TestIdleStalled(t *testing.T) {
	p := pipelinetest.New(t, new(websocket.Server).Stage(), echo())
	p.Stall()
	p.Feed(masked(fin|binar, strings.Repeat("x", 100_000)))
	p.Feed(masked(fin|text, "unread"))
	p.Advance(95 * time.Second)
	if !p.Channel().Closing() {
		t.Error("not closed")
	}
	p.Advance(2 * time.Minute)
	if !p.Closed() || !errors.Is(p.Cause(), websocket.ErrIdle) {
		t.Errorf("closed %v, cause %v", p.Closed(), p.Cause())
	}

	p = pipelinetest.New(t, new(websocket.Server).Stage(), echo())
	p.Stall()
	p.Feed(masked(fin|binar, strings.Repeat("x", 100_000)))
	p.Advance(80 * time.Second)
	p.Unstall() // it takes all of it: a sign of life
	p.Advance(40 * time.Second)
	if p.Channel().Closing() {
		t.Error("closed though it has taken its output")
	}
}
