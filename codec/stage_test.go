package codec_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// number is a codec of 16-bit numbers. Odd ones cannot be written, and 13 makes it panic.
type number struct{}

func (number) Decode(r *buffer.Reader) (uint16, error) { return r.Uint16(), r.Err() }

var errOdd = errors.New("odd")

func (number) Encode(dst *buffer.Buf, n uint16) error {
	dst.PutUint16(n)
	switch {
	case n == 13:
		panic(buffer.ErrLimit)
	case n%2 != 0:
		return errOdd
	}
	return nil
}

func double(c *pipeline.Ctx[uint16], n uint16) error { return c.Write(n * 2) }
func same(c *pipeline.Ctx[uint16], n uint16) error   { return c.Write(n) }

func TestStage(t *testing.T) {
	p := pipelinetest.New(t, codec.Stage(number{}, number{}), pipeline.Serve(double))
	p.FeedEach("\x00\x01\x01\x00")
	if got := p.Output(); got != "\x00\x02\x02\x00" {
		t.Errorf("%q", got)
	}
}

// A stage of one direction lets the other one by.
func TestOneWay(t *testing.T) {
	p := pipelinetest.New(t, codec.Encode(number{}), codec.Decode(number{}), pipeline.Serve(double))
	p.Feed("\x00\x01")
	if got := p.Output(); got != "\x00\x02" {
		t.Errorf("%q", got)
	}
}

func TestEncodeFails(t *testing.T) {
	for _, input := range []string{"\x00\x01", "\x00\x0d"} {
		p := pipelinetest.New(t, codec.Stage(number{}, number{}), pipeline.Serve(same))
		p.Feed("\x00\x02" + input)
		p.Loop.Panics()
		if err := p.Channel().Cause(); !errors.Is(err, errOdd) && !errors.Is(err, buffer.ErrLimit) {
			t.Errorf("%q: %v", input, err)
		}
		if got := p.Output(); got != "\x00\x02" {
			t.Errorf("%q", got)
		}
	}
}

// A message that the format cannot carry is released, and the error is that of Write.
func TestWrapFails(t *testing.T) {
	p := pipelinetest.New(t, codec.Frames(codec.Line{}.Framer()), pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error {
		m.WriteString("\n")
		if err := c.Write(m); !errors.Is(err, buffer.ErrMalformed) {
			t.Errorf("%v", err)
		}
		return nil
	}))
	p.Feed("hello\n")
	if p.Output() != "" || p.Channel().Closing() {
		t.Errorf("%v", p.Channel().Cause())
	}
}

func TestText(t *testing.T) {
	var kept []string
	p := pipelinetest.New(t, codec.Frames(codec.Line{CRLF: true}.Framer()), codec.Text(), pipeline.Serve(func(c *pipeline.Ctx[string], s string) error {
		kept = append(kept, s)
		return c.Write(strings.ToUpper(s))
	}))
	p.FeedEach("hello\n\r\nworld\r\n")
	if got := p.Output(); got != "HELLO\r\n\r\nWORLD\r\n" || strings.Join(kept, "|") != "hello||world" {
		t.Errorf("%q %q", got, kept)
	}
}

// The reply goes into the place of the request: a burst of frames leaves as one piece.
func TestFramesLeaveInOnePiece(t *testing.T) {
	for _, f := range []codec.Framer{
		codec.LengthField{}.Framer(),
		codec.LengthField{Width: 2, Offset: 1, Adjust: -3}.Framer(),
		codec.LengthField{Width: 3, Order: binary.LittleEndian}.Framer(),
		codec.Varint{}.Framer(),
		codec.Fixed{Size: 3}.Framer(),
	} {
		pool := new(buffer.Pool)
		wire := pool.Alloc(0)
		for range 32 {
			m := pool.Alloc(3)
			m.WriteString("abc")
			if err := f.Wrap(m); err != nil {
				t.Fatal(err)
			}
			wire.Append(m)
		}
		p := pipelinetest.New(t, codec.Frames(f), echo())
		p.Feed(wire.Text(0, wire.Len()))
		if w := p.Conn.Wire.Writes(); len(w) != 1 || w[0].Pieces != 1 || w[0].Bytes != wire.Len() {
			t.Errorf("%T: %+v", f, w)
		}
		wire.Release()
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}
}
