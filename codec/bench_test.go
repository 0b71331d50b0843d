package codec_test

import (
	"encoding/binary"
	"net"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
)

// engine is a loop with one connection to a kernel that takes everything and costs nothing.
type engine struct {
	port  channel.Port
	loop  *channel.Loop
	pool  *buffer.Pool
	place *byte // where the input lies
	sent  int
}

func newEngine(tb testing.TB, stages ...pipeline.Stage) *engine {
	e := &engine{pool: new(buffer.Pool)}
	e.loop = channel.NewLoop(channel.LoopConfig{Pool: e.pool})
	o := channel.Options{Linger: -1}
	e.port.Init(e.loop, e, pipeline.New(func() []pipeline.Stage { return stages })(nil), o.Prepare())
	e.port.Open()
	tb.Cleanup(func() {
		e.port.Abort(nil)
		e.loop.Turn()
		e.loop.Stop()
		if err := e.pool.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

// burst is one turn of the loop with one read. An echo leaves the input where it was, so it is copied there once.
func (e *engine) burst(input []byte) {
	room, err := e.loop.Cache().ReceiveRoom()
	if err != nil {
		panic(err)
	}
	if e.place != &room[0] {
		e.place = &room[0]
		copy(room, input)
	}
	e.port.Received(e.loop.Cache().Received(len(input)))
	e.port.ReceivedEnd()
	e.loop.Turn()
}

func (e *engine) Flush(q *channel.Outbound) error {
	e.sent += q.Bytes()
	q.Advance(int64(q.Bytes()))
	return nil
}

func (e *engine) SetReading(bool)      {}
func (e *engine) HasInput(int) bool    { return true }
func (e *engine) CloseWrite() error    { return nil }
func (e *engine) Close(bool)           {}
func (e *engine) LocalAddr() net.Addr  { return nil }
func (e *engine) RemoteAddr() net.Addr { return nil }

// wrapped returns n frames around messages of 64 bytes.
func wrapped(tb testing.TB, f codec.Framer, n int) []byte {
	pool := new(buffer.Pool)
	all := pool.Alloc(n * 80)
	for range n {
		m := pool.Alloc(64)
		m.WriteString(strings.Repeat("x", 64))
		if err := f.Wrap(m); err != nil {
			tb.Fatal(err)
		}
		all.Append(m)
	}
	p := []byte(all.Text(0, all.Len()))
	all.Release()
	return p
}

// formats are those of the table in the package's benchmarks and allocation tests.
var formats = []struct {
	name string
	f    codec.Framer
}{
	{"LengthField", codec.LengthField{}.Framer()},
	{"LengthFieldLE", codec.LengthField{Order: binary.LittleEndian}.Framer()},
	{"LengthField3", codec.LengthField{Width: 3, Offset: 1}.Framer()},
	{"LengthFieldKept", codec.LengthField{Strip: -1}.Framer()},
	{"Varint", codec.Varint{}.Framer()},
	{"Fixed", codec.Fixed{Size: 64}.Framer()},
	{"Line", codec.Line{}.Framer()},
	{"Delimiter", codec.Delimiter{Seq: []byte("\r\n\r\n")}.Framer()},
}

// The whole way of a frame without the kernel: read, decode, handle, encode, queue, send.
func BenchmarkEcho(b *testing.B) {
	for _, c := range formats {
		for _, depth := range []int{32, 1} {
			b.Run(c.name+"/depth="+map[int]string{32: "32", 1: "1"}[depth], func(b *testing.B) {
				input := wrapped(b, c.f, depth)
				e := newEngine(b, codec.Frames(c.f), echo())
				e.burst(input)
				b.ReportAllocs()
				for b.Loop() {
					e.burst(input)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*depth), "ns/frame")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// A decoder and an encoder of numbers, each message a value.
func BenchmarkStage(b *testing.B) {
	input := []byte(strings.Repeat("\x00\x02", 32))
	e := newEngine(b, codec.Stage(number{}, number{}), pipeline.Serve(same))
	b.ReportAllocs()
	for b.Loop() {
		e.burst(input)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*32), "ns/frame")
	b.ReportMetric(0, "ns/op")
}

// In a steady state nothing is allocated on the Go heap.
func TestNoAllocations(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, c := range formats {
		for _, depth := range []int{1, 32} {
			input := wrapped(t, c.f, depth)
			e := newEngine(t, codec.Frames(c.f), echo())
			if n := testing.AllocsPerRun(100, func() { e.burst(input) }); n != 0 {
				t.Errorf("%s, bursts of %d: %v allocations", c.name, depth, n)
			}
			if want := 101 * len(input); e.sent != want {
				t.Errorf("%s: %d bytes were sent, not %d", c.name, e.sent, want)
			}
		}
	}
	e := newEngine(t, codec.Stage(number{}, number{}), pipeline.Serve(same))
	input := []byte("\x00\x02\x00\x04")
	if n := testing.AllocsPerRun(100, func() { e.burst(input) }); n != 0 {
		t.Errorf("Stage: %v allocations", n)
	}
}
