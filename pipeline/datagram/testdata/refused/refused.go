// Package refused does not compile: each line that ends with the word is refused by the compiler.
package refused

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/datagram"
)

func echo(c *datagram.Ctx[*buffer.Buf], b *buffer.Buf, from datagram.Address) error {
	return c.Write(b, from)
}

func stream(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) }

func words(c *datagram.Ctx[string], n int, from datagram.Address) error { return c.Write("", from) }

type codec struct{}

func (codec) Decode(r *buffer.Reader) (int, error) { return 0, r.Err() }
func (codec) Encode(dst *buffer.Buf, n int) error  { return nil }

// What fits is no error.
var (
	_ func(*datagram.Socket) datagram.Sink = datagram.New(func() datagram.Wire { return datagram.Serve(echo) })
	_ func(*channel.Channel) channel.Sink  = pipeline.With(pipeline.Serve(stream))
)

var (
	_ func(*channel.Channel) channel.Sink  = datagram.With(datagram.Serve(echo))                                    // refused
	_ func(*datagram.Socket) datagram.Sink = pipeline.With(pipeline.Serve(stream))                                  // refused
	_ pipeline.Stage                       = datagram.Serve(echo)                                                   // refused
	_ datagram.Wire                        = pipeline.Serve(stream)                                                 // refused
	_                                      = datagram.Serve(stream)                                                 // refused
	_ datagram.Wire                        = datagram.Join(datagram.Codec(codec{}, codec{}), datagram.Serve(words)) // refused
	_ datagram.Wire                        = datagram.Serve(words)                                                  // refused
)
