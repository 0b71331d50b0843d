package transporttest

import (
	"net"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// patience is how long a case waits for what must happen. It is so long because it only matters when a case fails.
const patience = 20 * time.Second

// A world is what one case runs in: a group of loops of its own, and a pool of its own.
type world struct {
	*testing.T
	suite Suite
	loops int
	pool  *buffer.Pool
	log   *journal
	group engine.Group
	peers []net.Conn
	ends  []func()
}

func newWorld(t *testing.T, s Suite) *world {
	return &world{T: t, suite: s, loops: s.Loops, pool: new(buffer.Pool), log: newJournal(t)}
}

// start returns the group, which it starts when it is first needed.
func (w *world) start() engine.Group {
	if w.group == nil {
		g, err := w.suite.Engine.Start(engine.Config{Loops: w.loops, Pool: w.pool, Logger: w.log.logger()})
		if err != nil {
			w.Fatalf("Engine.Start: %v", err)
		}
		w.group = g
	}
	return w.group
}

// atEnd has f called when the case is over, before the group is closed.
func (w *world) atEnd(f func()) { w.ends = append(w.ends, f) }

// end closes everything and checks that nothing is left.
func (w *world) end(before resources) {
	for _, f := range w.ends {
		f()
	}
	if w.group != nil {
		closed := make(chan error, 1)
		go func() { closed <- w.group.Close() }()
		if err := await(w, "the end of Group.Close", closed); err != nil {
			w.Errorf("Group.Close: %v", err)
		}
	}
	for _, p := range w.peers {
		p.Close()
	}
	if n := w.pool.Live(); n != 0 {
		w.Errorf("%d buffers were not released", n)
	}
	if err := w.pool.Close(); err != nil {
		w.Errorf("Pool.Close: %v", err)
	}
	checkResources(w, before)
}

// eventually waits until cond is true. It is for what nobody reports, such as an effect inside the kernel.
func (w *world) eventually(what string, cond func() bool) {
	w.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); !cond(); <-ticker.C {
		if time.Now().After(deadline) {
			w.Fatalf("waited in vain for %s", what)
		}
	}
}

// await returns what comes out of c, and fails if nothing does.
func await[T any](w *world, what string, c <-chan T) T {
	w.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case v := <-c:
		return v
	case <-timer.C:
		w.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// never fails if something has come out of c.
func never[T any](w *world, what string, c <-chan T) {
	w.Helper()
	select {
	case v := <-c:
		w.Fatalf("%s too early: %v", what, v)
	default:
	}
}

// pattern returns n bytes that do not repeat soon.
func pattern(n int, seed uint64) []byte {
	p := make([]byte, n)
	x := seed*0x9e3779b97f4a7c15 + 1
	for i := range p {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		p[i] = byte(x >> 32)
	}
	return p
}
