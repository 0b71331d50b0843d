package main

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec/http1/static"
	"github.com/ropewalk/ropewalk/transport/engine"
)

func TestSince(t *testing.T) {
	at := time.Unix(1000, 0)
	before := reading{
		at: at, conns: 9, requests: 100,
		calls: engine.Stats{Waits: 1, Reads: 2, Writes: 3, Files: 4, Control: 5, WrittenBytes: 1000, FileBytes: 2000},
		files: static.Stats{Calls: 7},
		pool:  buffer.Stats{Copied: 30},
	}
	now := reading{
		at: at.Add(2 * time.Second), conns: 7, requests: 300, lag: 1500 * time.Microsecond,
		calls: engine.Stats{Waits: 51, Reads: 102, Writes: 103, Files: 104, Control: 155, WrittenBytes: 5000, FileBytes: 2500},
		files: static.Stats{Calls: 107},
		pool:  buffer.Stats{Copied: 130},
	}
	got := now.since(before)
	if got.Calls == nil || *got.Calls != 3 {
		t.Fatalf("system calls per request: %v", got.Calls)
	}
	got.Calls = nil
	if want := (sample{At: 1_002_000, Conns: 7, Requests: 100, Sendfile: 250, Writev: 2000, Copied: 50, Lag: 1.5}); got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	now.requests = before.requests
	if got := now.since(before); got.Calls != nil || got.Requests != 0 {
		t.Errorf("without a request: %+v", got)
	}
	if got := before.since(before); math.IsNaN(got.Sendfile) || math.IsInf(got.Sendfile, 0) {
		t.Errorf("without time between: %+v", got)
	}
}

// A viewer gets what is kept when it comes, then each sample. One that takes nothing misses some.
func TestViewers(t *testing.T) {
	s := newSite(t)
	l := s.live
	l.begin(time.UnixMilli(5), 2)
	publish := func(from, to int64) {
		for at := from; at <= to; at++ {
			l.publish(sample{At: at}, memory{Held: at, Classes: []class{{64, 1, 2, 3}}})
		}
	}
	publish(1, kept+30)
	p := upgrade(t, s, "/live/ws", "")
	got := messages(t, handshake(t, p.Output()))
	if len(got) != 1 || len(got[0].Samples) != kept || got[0].Samples[0].At != 31 || got[0].Samples[kept-1].At != kept+30 ||
		got[0].Started != 5 || got[0].Loops != 2 || got[0].Pool.Held != kept+30 || got[0].Pool.Classes[0] != (class{64, 1, 2, 3}) {
		t.Fatalf("at first: %d messages, %+v", len(got), got)
	}
	publish(1000, 1002)
	p.Loop.Settle()
	got = messages(t, p.Output())
	if len(got) != 3 || len(got[0].Samples) != 1 || got[0].Samples[0].At != 1000 || got[2].Samples[0].At != 1002 {
		t.Fatalf("then: %+v", got)
	}

	p.Stall()
	const many = 3000
	for i := range int64(many) {
		publish(2000+i, 2000+i)
		p.Loop.Settle()
	}
	if n := p.Channel().Queued(); n > 128<<10 {
		t.Errorf("%d bytes wait for a viewer that takes none", n)
	}
	p.Unstall()
	p.Loop.Settle()
	if n := len(messages(t, p.Output())); n == 0 || n == many {
		t.Errorf("%d messages of %d", n, many)
	}
	publish(9000, 9000)
	p.Loop.Settle()
	if got = messages(t, p.Output()); len(got) != 1 || got[0].Samples[0].At != 9000 {
		t.Errorf("when it takes them again: %+v", got)
	}
	if l.viewers.Stats().Members != 1 {
		t.Errorf("viewers: %+v", l.viewers.Stats())
	}
	p.Feed(frame(8, "\x03\xe8"))
	if l.viewers.Stats().Members != 0 {
		t.Errorf("viewers, when the only one is gone: %+v", l.viewers.Stats())
	}
}

// messages takes frames apart.
func messages(t *testing.T, output string) (all []message) {
	t.Helper()
	for output != "" {
		var text string
		_, text, output = unframe(t, output)
		var m message
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatalf("%v in %q", err, text)
		}
		all = append(all, m)
	}
	return all
}

// A page of another site may not watch.
func TestViewersOfOtherSites(t *testing.T) {
	p := upgrade(t, newSite(t), "/live/ws", "Origin: https://example.org\r\n")
	if resp := responses(t, p.Output(), "GET")[0]; resp.StatusCode != 403 {
		t.Errorf("answer %s", resp.Status)
	}
}

// The lag is that of the slowest loop, also of one that does not answer at all.
func TestLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waiting []func(error)
		late := &probe{do: func(f func(error)) { waiting = append(waiting, f) }}
		quick := &probe{do: func(f func(error)) { f(nil) }}
		m := &lagMeter{[]*probe{quick, late}}
		wait := func(d time.Duration) { <-time.After(d) }

		m.probe()
		wait(3 * time.Millisecond)
		m.probe() // while the first call waits there is no second one
		wait(2 * time.Millisecond)
		if lag := m.take(); lag != 5*time.Millisecond || len(waiting) != 1 {
			t.Errorf("%v while a call waits, %d calls", lag, len(waiting))
		}
		wait(time.Millisecond)
		waiting[0](nil)
		wait(time.Second)
		if lag := m.take(); lag != 6*time.Millisecond {
			t.Errorf("%v of a call that took 6 ms", lag)
		}
		if lag := m.take(); lag != 0 {
			t.Errorf("%v when there were no calls", lag)
		}
		m.probe()
		waiting[1](errors.New("the loop has ended"))
		if lag := m.take(); lag != 0 {
			t.Errorf("%v of calls that were answered at once", lag)
		}
	})
}
