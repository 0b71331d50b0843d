//go:build linux

package sockettest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var listenTraps = []trap{
	{"CloseAmidAccepts", closeAmidAccepts},
	{"CloseBeforeAccepts", closeBeforeAccepts},
	{"PanicAmidClose", panicAmidClose},
}

// closeAmidAccepts closes listeners, two of them at the same time, while peers connect: who is connected is served or told of
// the end, and the descriptors of those that the kernel accepts at the last moment are closed, as the end of the test finds out.
func closeAmidAccepts(t *testing.T, e engine.Engine) {
	g := StartWith(t, e, engine.Config{Loops: 2})
	for round := range times(30) {
		c := engine.ListenConfig{Network: "tcp", Addr: "127.0.0.1:0", ReusePort: round%2 == 0}
		if round%3 == 0 {
			c.MaxConns = 3
		}
		lists := []engine.Listener{g.Listen(c, bareEcho), g.Listen(c, bareEcho)}
		Together(t, 10, func(i int) error {
			ln := lists[i%2]
			if i < 2 {
				if err := connectAndGo(ln, 0, 10, false); err != nil {
					return fmt.Errorf("before Close: %w", err)
				}
				return ln.Close()
			}
			for connectAndGo(ln, uint32(i), 100, false) == nil { // until it is refused
			}
			return nil
		})
		for _, ln := range lists {
			Eventually(t, "the connections to be gone", func() bool { return ln.Conns() == 0 })
		}
	}
}

// closeBeforeAccepts closes several listeners in one turn in which there is much else to tell.
func closeBeforeAccepts(t *testing.T, e engine.Engine) {
	const lists, each = 4, 30
	g := Start(t, e)
	for range times(10) {
		var all []engine.Listener
		var peers []*talk
		for range lists {
			all = append(all, g.Listen(engine.ListenConfig{}, bareEcho))
		}
		g.closeStanding(all, func() {
			for i := range uint32(lists * each) {
				peers = append(peers, newTalk(g.Dial(all[i%lists]), i))
				peers[i].send(10)
			}
		})
		for _, p := range peers {
			if err := p.receive(); err != nil {
				t.Fatal(err)
			}
			p.Close()
		}
	}
}

// closeStanding runs f while the loop stands still in an event, and then closes listeners before the loop looks for others.
func (g *Group) closeStanding(all []engine.Listener, f func()) {
	g.t.Helper()
	standing, release := make(chan struct{}), make(chan struct{})
	s := NewSink()
	s.OnRead = func(_ *Sink, b *buffer.Buf) error {
		b.Release()
		close(standing)
		<-release
		return nil
	}
	p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
	defer p.Close()
	defer sync.OnceFunc(func() { close(release) })()
	p.Write([]byte("stand"))
	Await(g.t, "the loop to stand", standing)
	f()
	closed := make(chan error, len(all))
	for _, ln := range all {
		go func() { closed <- ln.Close() }()
	}
	stacks := make([]byte, 1<<20)
	Eventually(g.t, "the calls that close", func() bool { // they wait for the loop
		text := string(stacks[:runtime.Stack(stacks, true)])
		return strings.Count(text, "sync.(*WaitGroup).Wait(") >= len(all)
	})
	release <- struct{}{}
	for range all {
		if err := Await(g.t, "Close", closed); err != nil {
			g.t.Error(err)
		}
	}
}

// panicAmidClose has the code that makes sinks panic for connections that are accepted when a listener is closed: Close
// returns, every peer is told of the end, those that are served go on, and the group can be closed.
func panicAmidClose(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	other := newTalk(g.Serve("tcp", "127.0.0.1:0", channel.Options{})(Verified(1)), 1)
	var n atomic.Int64
	ln := g.Listen(engine.ListenConfig{}, func(*channel.Channel) channel.Sink {
		if n.Add(1)%3 == 0 {
			panic("boom")
		}
		return new(BareEcho)
	})
	var peers []*talk
	g.closeStanding([]engine.Listener{ln}, func() {
		for i := range uint32(20) {
			peers = append(peers, newTalk(g.Dial(ln), i))
		}
	})
	served := 0
	for _, p := range peers {
		if p.exchange(1, 10) == nil {
			served++
		}
		p.Close()
	}
	if served < len(peers)/2 {
		t.Errorf("%d of %d peers were served", served, len(peers))
	}
	if err := other.exchange(3, 10); err != nil {
		t.Error(err)
	}
	Eventually(t, "the connections to be gone", func() bool { return ln.Conns() == 0 })
}
