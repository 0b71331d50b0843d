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

// reads is a turn of the loop for each piece of so many bytes: what a peer sends that is far away, or slow.
func (e *engine) reads(input []byte, each int) {
	for len(input) > 0 {
		p := input[:min(each, len(input))]
		e.place = nil
		e.burst(p)
		input = input[len(p):]
	}
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

// deliveries are the ways in which frames come: alone, many in one read, and cut over reads.
var deliveries = []struct {
	name   string
	frames int
	each   int // bytes of a read; 0: all
}{{"depth=1", 1, 0}, {"depth=32", 32, 0}, {"cut", 8, 25}}

func (e *engine) deliver(input []byte, each int) {
	if each == 0 {
		e.burst(input)
	} else {
		e.reads(input, each)
	}
}

// BenchmarkEcho is the whole way of a frame of 64 bytes without the kernel: read, decode, handle, encode, queue, send. Frames
// that are cut come in three reads each.
func BenchmarkEcho(b *testing.B) {
	for _, c := range formats {
		for _, d := range deliveries {
			b.Run(c.name+"/"+d.name, func(b *testing.B) {
				input := wrapped(b, c.f, d.frames)
				e := newEngine(b, codec.Frames(c.f), echo())
				e.deliver(input, d.each)
				b.ReportAllocs()
				for b.Loop() {
					e.deliver(input, d.each)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*d.frames), "ns/frame")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkStage has a decoder and an encoder of numbers, each message a value.
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
		for _, d := range deliveries {
			input := wrapped(t, c.f, d.frames)
			e := newEngine(t, codec.Frames(c.f), echo())
			if n := testing.AllocsPerRun(100, func() { e.deliver(input, d.each) }); n != 0 {
				t.Errorf("%s, %s: %v allocations", c.name, d.name, n)
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
	e = newEngine(t, codec.Frames(codec.Line{}.Framer()), codec.Text(), pipeline.Serve(func(c *pipeline.Ctx[string], s string) error { return c.Write(s) }))
	if n := testing.AllocsPerRun(100, func() { e.burst([]byte("hello\n")) }); n > 1 {
		t.Errorf("Text: %v allocations, and only one string", n)
	}
}
