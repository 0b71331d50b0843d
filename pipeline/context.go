package pipeline

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A Reader takes messages that travel towards the application.
type Reader[T any] interface{ Read(T) error }

// A Writer takes messages that travel towards the wire.
type Writer[T any] interface{ Write(T) error }

// None is the type of messages that do not exist: the last stage fires None.
type None struct{ _ func() }

// Context links a stage to its neighbours; every stage embeds one. Out is the type of the messages that the stage
// fires, W the type of those it writes.
type Context[Out, W any] struct {
	next Reader[Out]
	prev Writer[W]
	ch   *channel.Channel
}

// Ctx is the Context of a last stage.
type Ctx[W any] = Context[None, W]

// Fire passes m on to the next stage, which owns it, and returns that stage's error.
func (c *Context[Out, W]) Fire(m Out) error { return c.next.Read(m) }

// Write passes m on towards the wire and with it its ownership, also when an error is returned.
func (c *Context[Out, W]) Write(m W) error { return c.prev.Write(m) }

// Channel returns the channel.
func (c *Context[Out, W]) Channel() *channel.Channel { return c.ch }

// Alloc returns a buffer with room for n bytes, from the loop's cache. See channel.Channel.Alloc.
func (c *Context[Out, W]) Alloc(n int) *buffer.Buf { return c.ch.Cache().Alloc(n) }

// Remote returns the value through which other goroutines reach the channel.
func (c *Context[Out, W]) Remote() channel.Remote { return c.ch.Remote() }

// Replace replaces this stage and all behind it, see Pipeline.Replace.
func (c *Context[Out, W]) Replace(with ...Stage) error {
	p := Of(c.ch)
	return p.Replace(p.stageOf(c), with...)
}

// ReplaceAll replaces all stages of the pipeline, see Pipeline.Replace.
func (c *Context[Out, W]) ReplaceAll(with ...Stage) error {
	p := Of(c.ch)
	return p.Replace(p.stages[0], with...)
}

// ReplaceFrom replaces the stage from and all behind it, see Pipeline.Replace.
func (c *Context[Out, W]) ReplaceFrom(from Stage, with ...Stage) error {
	return Of(c.ch).Replace(from, with...)
}

// A Stage is a step of a pipeline: a pointer to a struct that embeds a Context.
//
// A stage may have some of these methods; they are found when it is linked:
//
//	Open() error        the channel was opened, or the stage took its place in a running pipeline
//	ReadDone() error    the burst of input is over
//	EOF() error         the peer ended its stream; called on every stage, from the wire on
//	Writable() error    the queue has drained, or reading was resumed
//	Event(any) error    see Context.Notify
//	Drain() bool        the server stops; true: the stage closes the channel itself, when the peer has got its answers
//	Closed(cause error) the channel is closed, or the stage was replaced; called once if Open was due
//	Leftover() *buffer.Buf   the stage was replaced: input that it has not used
//	PassReads(), PassWrites()   markers: messages of either direction go past the stage
type Stage interface {
	// context returns the stage's Context; only embedding provides it.
	context() linker
}

func (c *Context[Out, W]) context() linker { return c }
