package datagram

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/datagram"
)

// The types of package channel/datagram that stages use, so that one import is enough.
type (
	Socket  = datagram.Socket
	Sink    = datagram.Sink
	Address = datagram.Address
	Remote  = datagram.Remote
)

// A Reader takes messages that travel towards the application.
type Reader[T any] interface {
	Read(m T, from Address) error
}

// A Writer takes messages that travel towards the wire.
type Writer[T any] interface {
	Write(m T, to Address) error
}

// None is the type of messages that do not exist: the last stage fires None.
type None struct{ _ func() }

// Context links a stage to its neighbours; every stage embeds one. Out is the type of the messages that the stage fires, W
// the type of those it writes.
type Context[Out, W any] struct {
	next Reader[Out]
	prev Writer[W]
	pipe *pipe
}

// Ctx is the Context of a last stage.
type Ctx[W any] = Context[None, W]

// Fire passes m on to the next stage, which owns it, and returns that stage's error.
func (c *Context[Out, W]) Fire(m Out, from Address) error { return c.next.Read(m, from) }

// Write passes m on towards the wire and with it its ownership, also when an error is returned. The address of a message that was
// read sends m to its sender.
func (c *Context[Out, W]) Write(m W, to Address) error { return c.prev.Write(m, to) }

// Socket returns the socket.
func (c *Context[Out, W]) Socket() *Socket { return c.pipe.socket }

// Alloc returns a buffer with room for n bytes, from the loop's cache. See Socket.Alloc.
func (c *Context[Out, W]) Alloc(n int) *buffer.Buf { return c.pipe.socket.Cache().Alloc(n) }

// Remote returns the value through which other goroutines reach the socket.
func (c *Context[Out, W]) Remote() Remote { return c.pipe.socket.Remote() }

// TOS returns the traffic class of the packet that is being read, 0 if the socket was not told to find it out.
func (c *Context[Out, W]) TOS() uint8 { return c.pipe.tos }

// link connects the stage self to the one before it.
func (c *Context[Out, W]) link(p *pipe, self any, prev Writer[W]) {
	c.pipe, c.prev = p, prev
	p.stages = append(p.stages, self)
}

// linkNext connects the stage to the one behind it.
//
//lint:ignore U1000 it is called as that of a Middle
func (c *Context[Out, W]) linkNext(next Reader[Out]) { c.next = next }
