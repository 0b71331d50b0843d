package websocket_test

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
)

// engine is a loop with connections to a kernel that takes everything and costs nothing.
type engine struct {
	loop  *channel.Loop
	pool  *buffer.Pool
	opts  *channel.Options
	ports []*wire
}

// wire is one of its connections.
type wire struct {
	channel.Port
	sent   int64
	last   []byte // a copy of what was sent last, if it is not nil
	first  *byte  // where that lay
	pieces int    // in how many it was
	room   [40][]byte
}

func newEngine(tb testing.TB) *engine {
	e := &engine{pool: &buffer.Pool{LeakSample: -1}, opts: channel.Options{Linger: -1}.Prepare()}
	e.loop = channel.NewLoop(channel.LoopConfig{Pool: e.pool})
	tb.Cleanup(func() {
		for _, w := range e.ports {
			w.Abort(nil)
		}
		e.loop.Turn()
		e.loop.Stop()
		if err := e.pool.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

// open adds a connection.
func (e *engine) open(stages ...pipeline.Stage) *wire {
	w := new(wire)
	w.Init(e.loop, w, pipeline.With(stages...)(nil), e.opts)
	w.Open()
	e.ports = append(e.ports, w)
	return w
}

// burst is one turn of the loop with one read.
func (e *engine) burst(w *wire, input string) {
	room, err := e.loop.Cache().ReceiveRoom()
	if err != nil {
		panic(err)
	}
	w.Received(e.loop.Cache().Received(copy(room, input)))
	w.ReceivedEnd()
	e.loop.Turn()
}

func (w *wire) Flush(q *channel.Outbound) error {
	if w.last != nil {
		w.last = w.last[:0]
		for _, p := range q.Vectors(nil, 1000, 1<<30) {
			w.last = append(w.last, p...)
		}
	}
	w.pieces = len(q.Vectors(w.room[:0], cap(w.room), 1<<30))
	p, _ := q.First()
	w.first = &p[0]
	w.sent += int64(q.Bytes())
	q.Advance(int64(q.Bytes()))
	return nil
}

func (w *wire) SetReading(bool)      {}
func (w *wire) HasInput(int) bool    { return true }
func (w *wire) CloseWrite() error    { return nil }
func (w *wire) Close(bool)           {}
func (w *wire) LocalAddr() net.Addr  { return nil }
func (w *wire) RemoteAddr() net.Addr { return nil }

// inputs are what an echo must take without a single allocation.
func inputs() map[string]string {
	m := strings.Repeat("x", 125)
	large := strings.Repeat("y", 30_000)
	return map[string]string{
		"one message of 125 bytes":  masked(fin|text, m),
		"32 messages of 125 bytes":  strings.Repeat(masked(fin|text, m), 32),
		"one of 30,000 bytes":       masked(fin|binar, large),
		"a fragmented one":          masked(text, m) + masked(cont, m) + masked(fin|cont, m),
		"a ping":                    masked(fin|ping, m),
		"a ping between fragments":  masked(text, m) + masked(fin|ping, "") + masked(fin|cont, m),
		"an empty one":              masked(fin|text, ""),
		"one of 125 and one of 30K": masked(fin|text, m) + masked(fin|binar, large),
	}
}

func TestAllocs(t *testing.T) {
	for name, in := range inputs() {
		for _, stream := range []bool{false, true} {
			e := newEngine(t)
			w := e.open((&websocket.Server{Stream: stream}).Stage(), echo())
			if n := testing.AllocsPerRun(200, func() { e.burst(w, in) }); n != 0 {
				t.Errorf("%s, stream %v: %v allocations", name, stream, n)
			}
			if w.sent == 0 {
				t.Errorf("%s: nothing came back", name)
			}
			half := len(in) / 2
			if n := testing.AllocsPerRun(200, func() { e.burst(w, in[:half]); e.burst(w, in[half:]) }); n != 0 {
				t.Errorf("%s, stream %v, in two: %v allocations", name, stream, n)
			}
		}
	}
}

func TestAllocsClient(t *testing.T) {
	for _, n := range []int{0, 125, 2000, 30_000} {
		e := newEngine(t)
		w := e.open(new(websocket.Client).Stage(), echo())
		in := strings.Repeat(plain(fin|binar, strings.Repeat("x", n)), 2)
		if a := testing.AllocsPerRun(200, func() { e.burst(w, in) }); a != 0 {
			t.Errorf("%d bytes: %v allocations", n, a)
		}
	}
}

// upgraded adds a connection that has made a handshake.
func (e *engine) upgraded(tb testing.TB, s *websocket.Server, stages ...pipeline.Stage) *wire {
	w := e.open(web(s, func() []pipeline.Stage { return stages })...)
	w.last = []byte{}
	e.burst(w, request(offer))
	if !strings.HasPrefix(string(w.last), "HTTP/1.1 101 ") {
		tb.Fatalf("answer %q", w.last)
	}
	w.last = nil
	return w
}

func TestAllocsDeflate(t *testing.T) {
	for _, d := range []websocket.Deflate{{}, {Level: 6}, {WindowBits: 10}, {Takeover: true}} {
		e := newEngine(t)
		w := e.upgraded(t, &websocket.Server{Deflate: &d}, echo())
		in := masked(fin|rsv1|text, squeezed(corpus(4000, 1)))
		e.burst(w, in)
		if n := testing.AllocsPerRun(200, func() { e.burst(w, in) }); n != 0 {
			t.Errorf("%+v: %v allocations", d, n)
		}
	}
}

// A broadcast allocates as much for ten members as for a thousand.
func TestAllocsBroadcast(t *testing.T) {
	for _, n := range []int{10, 1000} {
		e := newEngine(t)
		g := new(websocket.Group)
		for range n {
			e.open(new(websocket.Server).Stage(), &joiner{group: g})
		}
		data := e.loop.Cache().Alloc(1024)
		data.PutZero(1024)
		p, err := websocket.Prepare(websocket.Binary, data)
		if err != nil {
			t.Fatal(err)
		}
		send := func() {
			if err := g.Broadcast(p); err != nil {
				t.Error(err)
			}
			e.loop.Turn()
		}
		send()
		if a := testing.AllocsPerRun(50, send); a > 4 {
			t.Errorf("%d members: %v allocations", n, a)
		}
		p.Release()
		if s := g.Stats(); s.Sent != int64(n*52) {
			t.Errorf("%+v", s)
		}
	}
}

// An idle connection is small: what it takes on the Go heap, from the channel up.
func TestIdleMemory(t *testing.T) {
	const n = 2000
	e := newEngine(t)
	s := &websocket.Server{}
	e.ports = make([]*wire, 0, n+1)
	e.upgraded(t, s, echo())
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for range n {
		e.upgraded(t, s, echo())
	}
	each := (heap() - before) / n
	limit := uint64(unsafe.Sizeof(wire{})) + 330
	if e.pool.WatchesAll() {
		limit += 200 // the environment wants it
	}
	if each > limit {
		t.Errorf("%d bytes for each connection, more than %d", each, limit)
	}
	t.Logf("%d bytes for each connection, %d of them for the channel and its engine", each, unsafe.Sizeof(wire{}))
}

func BenchmarkEcho(b *testing.B) {
	for _, c := range []struct {
		size, burst int
	}{{16, 1}, {125, 1}, {125, 32}, {1000, 16}, {4096, 1}, {60_000, 1}} {
		b.Run(fmt.Sprintf("%dx%d", c.burst, c.size), func(b *testing.B) {
			e := newEngine(b)
			w := e.open(new(websocket.Server).Stage(), echo())
			in := strings.Repeat(masked(fin|text, strings.Repeat("x", c.size)), c.burst)
			b.ReportAllocs()
			for b.Loop() {
				e.burst(w, in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.burst), "ns/message")
		})
	}
}

func BenchmarkBroadcast(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := newEngine(b)
			g := new(websocket.Group)
			for range n {
				e.open(new(websocket.Server).Stage(), &joiner{group: g})
			}
			data := e.loop.Cache().Alloc(1024)
			data.PutZero(1024)
			p, _ := websocket.Prepare(websocket.Binary, data)
			b.ReportAllocs()
			for b.Loop() {
				g.Broadcast(p)
				e.loop.Turn()
			}
			p.Release()
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/member")
		})
	}
}

func BenchmarkDeflate(b *testing.B) {
	for _, d := range []websocket.Deflate{{}, {Level: 6}, {Level: 9}, {WindowBits: 10}, {Takeover: true, PeerTakeover: true}} {
		for _, n := range []int{300, 4096, 65536} {
			b.Run(fmt.Sprintf("level=%d,bits=%d,takeover=%v/%d", d.Level, d.WindowBits, d.Takeover, n), func(b *testing.B) {
				e := newEngine(b)
				w := e.upgraded(b, &websocket.Server{Deflate: &d}, echo())
				in := masked(fin|rsv1|text, squeezed(corpus(n, 1)))
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					e.burst(w, in)
				}
			})
		}
	}
}
