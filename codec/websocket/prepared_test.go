package websocket_test

import (
	"errors"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A message that is prepared once reaches members with and without compression, whatever their window, and is made smaller once
// for each.
func TestPreparedClasses(t *testing.T) {
	loop := channeltest.NewLoop(t)
	g := new(websocket.Group)
	var pipes []*pipelinetest.Pipe
	var windows []int
	for _, c := range []struct {
		d     *websocket.Deflate
		offer string
		bits  int
	}{
		{nil, "", 0},
		{&websocket.Deflate{}, offer, 15},
		{&websocket.Deflate{}, offer, 15},
		{&websocket.Deflate{}, offer + "; server_max_window_bits=9", 9},
		{&websocket.Deflate{Level: 6}, offer, 15},
		{&websocket.Deflate{Takeover: true}, offer, 15},
		{&websocket.Deflate{Threshold: 10_000}, offer, 0},
	} {
		s := &websocket.Server{Deflate: c.d}
		p := pipelinetest.Config{Loop: loop}.New(t, web(s, func() []pipeline.Stage { return []pipeline.Stage{&joiner{group: g}} })...)
		p.Feed(request(c.offer))
		p.Output()
		pipes, windows = append(pipes, p), append(windows, c.bits)
	}
	m := corpus(5000, 3)
	p, err := websocket.Prepare(websocket.Text, loop.Buf(m))
	if err != nil {
		t.Fatal(err)
	}
	var before [7]string
	for round := range 2 {
		if err := g.Broadcast(p); err != nil {
			t.Error(err)
		}
		loop.Settle()
		for i, pipe := range pipes {
			out := pipe.Output()
			f := framesOf(out)
			if len(f) != 1 {
				t.Fatalf("member %d: %d frames", i, len(f))
			}
			got := f[0].payload
			if compressed := f[0].first == fin|rsv1|text; compressed != (windows[i] > 0) {
				t.Errorf("member %d: compressed %v", i, compressed)
			} else if compressed {
				if far := farthest(t, got, 0); far > 1<<windows[i] {
					t.Errorf("member %d: looks back %d bytes", i, far)
				}
				got = inflated(t, got, "")
			}
			if got != m {
				t.Errorf("member %d: something else has come", i)
			}
			if round > 0 && out != before[i] {
				t.Errorf("member %d: the second time is different", i)
			}
			before[i] = out
		}
	}
	p.Release()

	noise := string(numbers(5000)) // does not become smaller
	g.Send(websocket.Binary, loop.Buf(noise))
	loop.Settle()
	for i, out := range outputs(pipes) {
		if out != plain(fin|binar, noise) {
			t.Errorf("member %d: noise came as %s", i, show(out))
		}
	}
}

// numbers returns n bytes without repetitions.
func numbers(n int) []byte {
	p := make([]byte, n)
	v := uint64(88172645463325252)
	for i := range p {
		v ^= v << 13
		v ^= v >> 7
		v ^= v << 17
		p[i] = byte(v >> 32)
	}
	return p
}

// A connection that keeps its context goes on compressing, correctly, behind a message that was prepared without it.
func TestPreparedBetween(t *testing.T) {
	in := new(inbox)
	p := compressing(t, &websocket.Server{Deflate: &websocket.Deflate{Takeover: true}}, offer, in)
	a, b := corpus(3000, 1), corpus(3000, 2)
	prepared, _ := websocket.Prepare(websocket.Text, p.Buf(b))
	p.Do(func(*channel.Channel) {
		for _, m := range []string{a, "", a, a, "", b} {
			if m == "" {
				in.Write(prepared.Message())
			} else {
				websocket.WriteText(&in.Ctx, m)
			}
		}
	})
	prepared.Release()
	history := ""
	for i, f := range framesOf(p.Output()) {
		got := inflated(t, f.payload, history)
		history += got
		if want := []string{a, b, a, a, b, b}[i]; got != want {
			t.Errorf("message %d is wrong", i)
		}
	}
}

// A Prepared may be written by clients, who mask it, and not after Close or between pieces.
func TestPreparedWritten(t *testing.T) {
	in := new(inbox)
	p := pipelinetest.New(t, new(websocket.Client).Stage(), in)
	prepared, err := websocket.Prepare(websocket.Binary, p.Buf("data"))
	if err != nil {
		t.Fatal(err)
	}
	p.Do(func(*channel.Channel) {
		in.Write(prepared.Message())
		in.Write(prepared.Message())
		in.Write(websocket.Message{Kind: websocket.Text, More: true})
		if err := in.Write(prepared.Message()); !errors.Is(err, websocket.ErrOrder) {
			t.Error(err)
		}
		websocket.CloseWith(&in.Ctx, websocket.NormalClosure, "")
		if err := in.Write(prepared.Message()); !errors.Is(err, channel.ErrClosed) {
			t.Error(err)
		}
	})
	f := framesOf(p.Output())
	if len(f) != 4 || f[0] != (frame{fin | binar, true, "data"}) || f[1] != f[0] {
		t.Errorf("%+v", f)
	}
	prepared.Release()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the second Release does not panic")
			}
		}()
		prepared.Release()
	}()
}
