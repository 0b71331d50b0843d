package transporttest

import (
	"sync"

	"github.com/ropewalk/ropewalk/channel"
)

var placeCases = []behaviour{
	{"LeastLoaded", "each connection goes to the loop that has the fewest", leastLoaded},
	{"LeastLoadedBurst", "connections that come at once are spread too", leastLoadedBurst},
	{"ReusePort", "with ReusePort all loops listen on one port and all connections are served", reusePort},
}

// perLoop counts the connections of each loop.
func perLoop(w *world, sinks []*sink) map[*channel.Loop]int {
	counts := make(map[*channel.Loop]int)
	for _, s := range sinks {
		s.do(func(ch *channel.Channel) { counts[ch.Loop()]++ })
	}
	return counts
}

func (w *world) evenly(sinks []*sink) {
	w.Helper()
	counts := perLoop(w, sinks)
	for _, l := range w.group.Loops() {
		if n := counts[l]; n != len(sinks)/w.loops {
			w.Errorf("a loop has %d of %d connections on %d loops", n, len(sinks), w.loops)
		}
	}
}

func leastLoaded(w *world) {
	w.loops = 3
	srv := w.listen(setup{}, w.echo)
	var peers []*peer
	var sinks []*sink
	for range 12 {
		p, s := srv.connect()
		peers, sinks = append(peers, p), append(sinks, s)
	}
	w.evenly(sinks)
	// The loop that loses connections gets the next ones.
	first := sinks[0].ch.Loop()
	var rest []*sink
	gone := 0
	for i, s := range sinks {
		if s.ch.Loop() == first {
			peers[i].Close()
			s.cause()
			gone++
		} else {
			rest = append(rest, s)
		}
	}
	w.eventually("the connections to be gone", func() bool { return srv.Conns() == len(rest) })
	for range gone {
		_, s := srv.connect()
		rest = append(rest, s)
	}
	w.evenly(rest)
}

func leastLoadedBurst(w *world) {
	w.loops = 2
	srv := w.listen(setup{}, w.echo)
	const conns = 40
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range conns {
		wg.Go(func() {
			c, err := w.suite.Dial(srv.Addr().Network(), srv.Addr().String())
			if err != nil {
				w.Errorf("peer: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			w.newPeer(c)
		})
	}
	wg.Wait()
	var sinks []*sink
	for range conns {
		sinks = append(sinks, srv.next())
	}
	w.evenly(sinks)
}

func reusePort(w *world) {
	w.loops = 3
	srv := w.listen(setup{reusePort: true}, w.echo)
	const conns = 60
	var sinks []*sink
	var peers []*peer
	for range conns {
		p, s := srv.connect()
		peers, sinks = append(peers, p), append(sinks, s)
	}
	for _, p := range peers {
		p.sendText("ping")
	}
	for _, p := range peers {
		p.wantText("ping")
	}
	if n := srv.Conns(); n != conns {
		w.Errorf("Conns is %d, want %d", n, conns)
	}
	if n := len(perLoop(w, sinks)); n < 2 {
		w.Errorf("%d loop has all of %d connections", n, conns)
	}
}
