package main

import (
	"bytes"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
)

var pipelineOps = []operation{{"pipeline/hop", 100, 8, hops}}

// turn is a first stage, at which what it has read comes back and goes no further.
type turn struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
}

func (s *turn) Read(b *buffer.Buf) error { return s.Fire(b) }

//bufvet:ignore hops goes on with it
func (*turn) Write(*buffer.Buf) error { return nil }

// pass is a stage that passes on.
type pass struct {
	pipeline.Context[*buffer.Buf, *buffer.Buf]
}

func (s *pass) Read(b *buffer.Buf) error  { return s.Fire(b) }
func (s *pass) Write(b *buffer.Buf) error { return s.Context.Write(b) }

// hops is a message through five stages, of which the last one answers: four hops, and four back. The first lets go of what it is
// to write, so that one message does for all rounds.
func hops(b *bed) func(int) {
	w := b.open(new(turn), new(pass), new(pass), new(pass), echo())
	m := b.loop.Cache().Alloc(64)
	b.atEnd(m.Release)
	sink := w.Sink()
	return func(n int) {
		for range n {
			if err := sink.Read(m); err != nil { //bufvet:ignore the first stage lets go of it when it comes back
				panic(err)
			}
		}
	}
}

// echo answers every message with itself.
func echo() pipeline.Stage {
	return pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error { return c.Write(m) })
}

var codecOps = []operation{
	frames("codec/lengthfield/1", codec.LengthField{}.Framer(), 1),
	frames("codec/lengthfield/32", codec.LengthField{}.Framer(), 32),
	frames("codec/varint/32", codec.Varint{}.Framer(), 32),
	frames("codec/line/32", codec.Line{}.Framer(), 32),
	frames("codec/delimiter/32", codec.Delimiter{Seq: []byte("\r\n\r\n")}.Framer(), 32),
	{"codec/lengthfield/cut", 50, 1, cut},
}

// framed returns n frames around messages of 64 bytes.
func framed(b *bed, f codec.Framer, n int) []byte {
	var all []byte
	for range n {
		m := b.loop.Cache().Alloc(128)
		m.Write(bytes.Repeat([]byte("x"), 64))
		if err := f.Wrap(m); err != nil {
			panic(err)
		}
		all = append(all, m.Bytes()...)
		m.Release()
	}
	return all
}

// frames is a frame around 64 bytes that is read, decoded, handled, encoded, queued and sent, depth of them in one read.
func frames(name string, f codec.Framer, depth int) operation {
	return operation{name, max(320/depth, 10), depth, func(b *bed) func(int) {
		w := b.open(codec.Frames(f), echo())
		input := framed(b, f, depth)
		return func(n int) {
			sent := w.sent
			for range n {
				w.burst(input)
			}
			if w.sent-sent != n*len(input) {
				panic(name + ": not all came back")
			}
		}
	}}
}

// cut is such a frame in two reads.
func cut(b *bed) func(int) {
	w := b.open(codec.Frames(codec.LengthField{}.Framer()), echo())
	w.fresh = true
	input := framed(b, codec.LengthField{}.Framer(), 1)
	return func(n int) {
		sent := w.sent
		for range n {
			w.burst(input[:20])
			w.burst(input[20:])
		}
		if w.sent-sent != n*len(input) {
			panic("cut: not all came back")
		}
	}
}
