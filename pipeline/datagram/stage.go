package datagram

import "github.com/ropewalk/ropewalk/buffer"

// A Stage reads messages of type In, and writes messages of type W towards the wire. It is a pointer to a struct that embeds
// a Context and has a method Read(In, Address) error.
//
// A stage may have some of these methods too; they are found when it is linked:
//
//	Open() error              the socket was opened
//	ReceiveDone() error       the burst of packets is over
//	Failed(to netip.AddrPort, err error) error   a packet was not sent, or not received, see datagram.Sink of package channel/datagram
//	Writable() error          the queue has drained, or reading was resumed
//	Drain() bool              the server stops; true: the stage closes the socket itself, when the peers have got their answers
//	Closed(cause error)       the socket is closed; called once if Open was due
type Stage[In, W any] interface {
	Reader[In]
	// Only embedding a Context provides it.
	link(p *pipe, self any, prev Writer[W])
}

// A Wire is a stage, or several joined ones, that a socket can be served by.
type Wire = Stage[*buffer.Buf, *buffer.Buf]

// A Middle is a stage that has another one behind it, to which it fires messages of type Out, and of which it takes messages of
// type M: with the Write of its Context, which lets messages of type W by, or one of its own.
type Middle[In, W, Out, M any] interface {
	Stage[In, W]
	Writer[M]
	linkNext(Reader[Out])
}

// Join puts first in front of behind. Both make one stage, which may be joined again.
func Join[In, W, Out, M any](first Middle[In, W, Out, M], behind Stage[Out, M]) Stage[In, W] {
	return &joined[In, W, Out, M]{first, behind}
}

type joined[In, W, Out, M any] struct {
	Middle[In, W, Out, M]
	behind Stage[Out, M]
}

//lint:ignore U1000 it is called as that of a Stage
func (j *joined[In, W, Out, M]) link(p *pipe, _ any, prev Writer[W]) {
	j.Middle.link(p, j.Middle, prev)
	j.Middle.linkNext(j.behind)
	j.behind.link(p, j.behind, j.Middle)
}

// Serve returns a last stage that calls f for every message, on the socket's loop. f owns the message. What it writes travels
// towards the wire; an error that it returns drops the message, and is counted.
//
// If f panics, a message that is a *buffer.Buf, or was decoded around one, is released, unless f had released it or passed it
// on. So an f that stores a message for later does so last.
func Serve[In, W any](f func(*Ctx[W], In, Address) error) Stage[In, W] { return &serve[In, W]{f: f} }

type serve[In, W any] struct {
	Context[None, W]
	f func(*Ctx[W], In, Address) error
}

func (s *serve[In, W]) Read(m In, from Address) error { return s.f(&s.Context, m, from) }
