package main

import (
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/transport"
)

// A watch shows progress, and takes the counters when a tenth of the calls is done and when all are: what a call costs
// in the steady state.
type watch struct {
	o       options
	client  *transport.Client
	server  *transport.Running
	callers []*caller
	tick    *time.Ticker
	shown   time.Time
	warm    *counters
}

type counters struct {
	calls, mallocs, copied, client, server float64
}

type costs struct{ mallocs, copied, clientCalls, serverCalls float64 }

func newWatch(o options, client *transport.Client, server *transport.Running, callers []*caller) *watch {
	return &watch{o: o, client: client, server: server, callers: callers, tick: time.NewTicker(5 * time.Millisecond), shown: time.Now()}
}

func (w *watch) count() *counters {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c := &counters{mallocs: float64(m.Mallocs), copied: float64(buffer.Default.Copied()), client: float64(w.client.Stats().Calls())}
	if w.server != nil {
		c.server = float64(w.server.Stats().Calls())
	}
	c.calls = float64(w.done())
	return c
}

func (w *watch) done() (n int64) {
	for _, c := range w.callers {
		n += c.done.Load()
	}
	return n
}

// look is called now and then.
func (w *watch) look() {
	if w.warm == nil && w.done() >= int64(w.o.calls)/10 {
		w.warm = w.count()
	}
	if time.Since(w.shown) > 100*time.Millisecond {
		w.shown = time.Now()
		fmt.Fprintf(os.Stderr, "  %d of %d calls\n", w.done(), w.o.calls)
	}
}

func (w *watch) costs() costs {
	w.tick.Stop()
	end := w.count()
	from := w.warm
	if from == nil || from.calls == end.calls {
		from = &counters{}
	}
	n := end.calls - from.calls
	return costs{(end.mallocs - from.mallocs) / n, (end.copied - from.copied) / n, (end.client - from.client) / n, (end.server - from.server) / n}
}
