package codec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A server that greets. In a program the stages go to pipeline.New, and that to a server; here the peer is the test.
func Example() {
	stages := []pipeline.Stage{
		codec.Frames(codec.Line{Max: 1024, CRLF: true}.Framer()),
		codec.Text(),
		pipeline.Serve(func(c *pipeline.Ctx[string], name string) error {
			return c.Write("hello " + name)
		}),
	}
	channeltest.Example(func(t testing.TB) {
		p := pipelinetest.New(t, stages...)
		p.Feed("Ada\r\nGra")
		fmt.Printf("%q\n", p.Output())
		p.Feed("ce\n")
		fmt.Printf("%q\n", p.Output())
		p.Feed(strings.Repeat("x", 1025))
		fmt.Println(p.Channel().Cause())
	})
	// Output:
	// "hello Ada\r\n"
	// "hello Grace\r\n"
	// text before a delimiter of 1025 at byte 0 of the message: more than the maximum of 1024
}

// point is a message, pointCodec its Decoder and Encoder. Neither has a state, so one value serves all channels.
type point struct{ x, y int32 }

type pointCodec struct{}

func (pointCodec) Decode(r *buffer.Reader) (point, error) {
	return point{r.Int32(), r.Int32()}, r.Err()
}

func (pointCodec) Encode(dst *buffer.Buf, p point) error {
	dst.PutUint32(uint32(p.x))
	dst.PutUint32(uint32(p.y))
	return nil
}

// Decode is written as if all input were there: the sum of all points so far.
func ExampleStage() {
	var sum point
	add := func(c *pipeline.Ctx[point], p point) error {
		sum.x += p.x
		sum.y += p.y
		return c.Write(sum)
	}
	channeltest.Example(func(t testing.TB) {
		p := pipelinetest.New(t, codec.Stage(pointCodec{}, pointCodec{}), pipeline.Serve(add))
		p.FeedEach("\x00\x00\x00\x01\x00\x00\x00\x02")
		p.FeedEach("\x00\x00\x00\x03\xff\xff\xff\xff")
		fmt.Printf("%x\n", p.Output())
	})
	// Output: 00000001000000020000000400000001
}

// show prints the messages that a format finds in input, and what the peer gets when they are sent back.
func show(f codec.Framer, input string) {
	channeltest.Example(func(t testing.TB) {
		p := pipelinetest.New(t, codec.Frames(f), pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error {
			fmt.Printf("%q ", m.Text(0, m.Len()))
			return c.Write(m)
		}))
		p.Feed(input)
		fmt.Printf("-> %q\n", p.Output())
	})
}

func ExampleLine() {
	show(codec.Line{}.Framer(), "one\r\ntwo\n\n")
	show(codec.Line{CRLF: true, Strict: true}.Framer(), "one\r\n\r\n")
	// Output:
	// "one" "two" "" -> "one\ntwo\n\n"
	// "one" "" -> "one\r\n\r\n"
}

func ExampleDelimiter() {
	show(codec.Delimiter{}.Framer(), "one\x00two\x00")
	show(codec.Delimiter{Seq: []byte("\r\n.\r\n")}.Framer(), "a\r\nb\r\n.\r\n")
	show(codec.Delimiter{Seq: []byte(";"), Keep: true}.Framer(), "one;two;")
	// Output:
	// "one" "two" -> "one\x00two\x00"
	// "a\r\nb" -> "a\r\nb\r\n.\r\n"
	// "one;" "two;" -> "one;two;"
}

func ExampleFixed() {
	show(codec.Fixed{Size: 3}.Framer(), "onetwosix")
	// Output: "one" "two" "six" -> "onetwosix"
}

func ExampleVarint() {
	show(codec.Varint{}.Framer(), "\x03one\x00")
	// Output: "one" "" -> "\x03one\x00"
}
