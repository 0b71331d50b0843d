package mem_test

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/mem"
)

// What is long goes from channel to channel in its block, within one pool.
func TestPassedUncopied(t *testing.T) {
	for _, c := range []struct {
		name    string
		size    int
		loops   int
		shared  bool // pool
		passing bool
	}{
		{"long, one loop", 40_000, 1, true, true},
		{"long, two loops", 40_000, 2, true, true},
		{"short", 1000, 2, true, false},
		{"other pool", 40_000, 1, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := new(mem.Network)
			from := start(t, n, c.loops)
			to := from
			if !c.shared {
				to = start(t, n, 1)
			}
			got := make(chan *byte, 1)
			have := 0
			ln := listen(t, to, "mem", "", func(*channel.Channel) channel.Sink {
				return &sink{open: func(s *sink) error { return s.say("ready") }, read: func(_ *sink, b *buffer.Buf) error {
					if have == 0 {
						got <- unsafe.SliceData(b.First())
					}
					have += b.Len()
					b.Release()
					return nil
				}}
			})
			sent := make(chan *byte, 1)
			dialChannel(t, from, ln.Addr(), &sink{read: func(s *sink, b *buffer.Buf) error { // the other side is a channel too
				b.Release()
				b = s.ch.Alloc(c.size)
				b.PutZero(c.size)
				sent <- unsafe.SliceData(b.First())
				return s.ch.Write(b)
			}})
			if passed := <-sent == <-got; passed != c.passing {
				t.Errorf("passed on in its block: %v, want %v", passed, c.passing)
			}
		})
	}
}

// Messages of all sizes come back as they were, whether they were copied or passed on, and whatever the buffers can hold.
func TestPassedInOrder(t *testing.T) {
	for _, size := range []int{5000, 20_000, 0} {
		n := &mem.Network{Buffer: size}
		g := start(t, n, 2)
		ln := listen(t, g, "mem", "", echo)
		const total = 4 << 20
		data := make([]byte, total)
		dice := rand.New(rand.NewPCG(1, 2))
		for i := range data {
			data[i] = byte(dice.Uint32())
		}
		var got bytes.Buffer
		done := make(chan struct{})
		at := 0
		write := func(s *sink) error {
			for at < total && s.ch.Writable() {
				k := min(1+dice.IntN(1<<(1+dice.IntN(17))), total-at)
				b := s.ch.Alloc(k)
				b.Write(data[at : at+k])
				at += k
				if err := s.ch.Write(b); err != nil {
					return err
				}
			}
			return nil
		}
		_, err := g.Dial(context.Background(), engine.DialConfig{
			Network: "mem", Addr: ln.Addr().String(), Options: channel.Options{KeepReading: true}.Prepare(),
			Open: func(*channel.Channel) channel.Sink {
				return &writer{sink{
					open: write,
					read: func(_ *sink, b *buffer.Buf) error {
						b.WriteTo(&got)
						b.Release()
						if got.Len() == total {
							close(done)
						}
						return nil
					},
				}, write}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		<-done
		if !bytes.Equal(got.Bytes(), data) {
			t.Errorf("with buffers of %d bytes other bytes came back", size)
		}
	}
}

// A writer goes on when it may.
type writer struct {
	sink
	more func(*sink) error
}

func (w *writer) Writable() error { return w.more(&w.sink) }

// A handler that panics after it has passed its input on does not take it back.
func TestPassedThenPanic(t *testing.T) {
	n := new(mem.Network)
	g := start(t, n, 1)
	ln := listen(t, g, "mem", "", func(*channel.Channel) channel.Sink {
		return &sink{read: func(s *sink, b *buffer.Buf) error {
			s.ch.Write(b)
			s.ch.Flush()
			panic("boom")
		}}
	})
	data := bytes.Repeat([]byte("0123456789"), 3000)
	got := make(chan []byte, 1)
	var have []byte
	dialChannel(t, g, ln.Addr(), &sink{
		open: func(s *sink) error {
			s.ch.AfterFunc(1, func() {
				b := s.ch.Alloc(len(data))
				b.Write(data)
				s.ch.Write(b)
			})
			return nil
		},
		read: func(_ *sink, b *buffer.Buf) error {
			have = append(have, b.Bytes()...)
			b.Release()
			return nil
		},
		closed: func(*sink, error) { got <- have },
	})
	if have := <-got; !bytes.Equal(have, data) {
		t.Errorf("%d bytes came back, not the %d that were sent", len(have), len(data))
	}
}

// Options that the engine does not know are refused rather than ignored.
func TestRefusedOptions(t *testing.T) {
	g := start(t, new(mem.Network), 1)
	for _, o := range []engine.SocketOptions{{ZeroCopy: true}, {Descriptors: 1}} {
		if _, err := g.Listen(context.Background(), engine.ListenConfig{
			Network: "tcp", Addr: ":0", Accept: echo, Options: channel.Options{}.Prepare(), MaxConns: math.MaxInt, Socket: o,
		}); err == nil {
			t.Errorf("Listen with %+v: no error", o)
		}
	}
}
