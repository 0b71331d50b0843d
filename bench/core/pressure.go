package main

import (
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/slow"
)

// What a server may hold beside its pool: the program, its stacks and the Go
// heap with a few hundred bytes for each connection.
const besidePool = 32 << 20

// pressure shows what a limit of memory means: thousands of slow clients who
// together have several times more under way than the server's pool holds.
// The server must stay within it, and each of them must get every byte back.
func (b *bench) pressure() error {
	t := &table{
		Title: fmt.Sprintf("%d slow clients, %d KiB each in frames of 64 B to 64 KiB, against a pool of %d MiB",
			b.pressureConns, b.pressureKiB, b.pressurePool),
		Columns: []string{"server", "seconds", "finished", "bytes lost", "pool peak MiB", "RSS peak MiB", "pauses",
			"fast p50 us before", "during", "fast p99 us before", "during", "worst ms"},
	}
	for _, k := range b.present(shipped(b.chosen(b.ropewalk("frames", "-loops", "1", "-pool", strconv.Itoa(b.pressurePool<<20))))) {
		b.report.Logf("  %s", k.Name)
		if err := b.pressureRow(t, k); err != nil {
			return err
		}
	}
	b.report.Add(t)
	return nil
}

func (b *bench) pressureRow(t *table, k kind) error {
	s, err := b.start(k)
	if err != nil {
		return err
	}
	defer s.Stop()
	before, err := b.probe(s, 1)
	if err != nil {
		return err
	}
	crowd, err := newCrowd(s.Port, b.pressureConns, b.pressureKiB<<10)
	if err != nil {
		return err
	}
	w := slow.WatchMemory(s.Pid(), 0, func() {})
	defer w.Stop()
	start := time.Now()
	fast := startFast(s.Port)
	crowd.run()
	during := fast.stop()
	took := time.Since(start)
	rss := w.Stop()
	m, err := booksOf(s)
	if err != nil {
		return err
	}
	t.Row(k.Name, fmt.Sprintf("%.1f", took.Seconds()), fmt.Sprintf("%d of %d", crowd.finished.Load(), b.pressureConns),
		strconv.FormatInt(crowd.lost.Load(), 10), harness.MiB(m.peak), harness.MiB(rss), strconv.FormatInt(m.pauses, 10),
		us(before.P50), us(during.p50), us(before.P99), us(during.p99), us(during.worst/1e3))
	limit := int64(b.pressurePool) << 20
	b.goal(t, "the pool stays within its limit", m.peak <= limit)
	b.goal(t, fmt.Sprintf("the process stays within the pool and %d MiB", besidePool>>20), rss <= limit+besidePool)
	b.goal(t, "reading was paused, or this shows nothing", m.pauses > 0)
	b.goal(t, "all clients finish and nothing is lost", crowd.lost.Load() == 0 && int(crowd.finished.Load()) == b.pressureConns)
	b.goal(t, "the fast client is served all the time", fast.err == nil)
	if err := crowd.first(); err != nil {
		t.Note("the first that failed: %v", err)
	}
	return nil
}

// probe measures the latency of a few other connections.
func (b *bench) probe(s *server, seconds float64) (*result, error) {
	return b.echo(s, cell{Size: 64, Conns: 4, Depth: 1}, 0.02, seconds)
}

// goal notes whether something that is promised was so.
func (b *bench) goal(t *table, what string, met bool) {
	if met {
		t.Note("met: %s", what)
		return
	}
	t.Note("LOST: %s", what)
	b.report.Fail("pressure: not so: %s", what)
}

// crowd is all slow clients.
type crowd struct {
	clients        []*slowClient
	finished, lost atomic.Int64
	mu             sync.Mutex
	errs           []error
}

func newCrowd(port string, n, bytes int) (*crowd, error) {
	c := new(crowd)
	noise := clientNoise()
	for i := range n {
		client, err := newSlowClient(port, uint64(i), bytes, noise)
		if err != nil {
			return nil, fmt.Errorf("client %d: %w", i, err)
		}
		c.clients = append(c.clients, client)
	}
	return c, nil
}

// run lets all clients do what they do, and returns when they have ended.
func (c *crowd) run() {
	var wg sync.WaitGroup
	for _, client := range c.clients {
		wg.Go(func() {
			err := client.run()
			c.lost.Add(int64(client.total - client.got))
			if err == nil {
				c.finished.Add(1)
				return
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.errs = append(c.errs, err)
		})
	}
	wg.Wait()
}

func (c *crowd) first() error {
	if len(c.errs) == 0 {
		return nil
	}
	return c.errs[0]
}

// books is what the server says of its pool when it ends.
type books struct{ peak, pauses int64 }

var bookLine = regexp.MustCompile(`buffers: (\d+) bytes held at most of .* (\d+) pauses`)

// booksOf ends the server in order and returns what it says.
func booksOf(s *server) (m books, err error) {
	last := s.End()
	found := bookLine.FindStringSubmatch(last)
	if found == nil {
		return m, fmt.Errorf("%s has not told what its pool held: %q", s.Name, last)
	}
	for i, n := range []*int64{&m.peak, &m.pauses} {
		*n, _ = strconv.ParseInt(found[i+1], 10, 64)
	}
	return m, nil
}
