package pipeline

import (
	"slices"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A Pipeline is the stages of one channel. It is the channel's Sink.
type Pipeline struct {
	head    Reader[*buffer.Buf]
	ch      *channel.Channel
	stages  []Stage // from the wire on
	pending *replacement
	busy    bool // a call of the channel is running
	opened  bool
	bursts  bool // some stage has ReadDone
	traced  bool // stages are linked through traces
}

// New returns a function that makes a pipeline for each channel, for transport.Server.Accept and its like. stages is
// called once per channel, on its loop, and returns new stages, the one next to the wire first.
//
// New also calls it once right away, to link the stages and throw them away: it panics with a LinkError if they do not fit
// each other, so that a mistake shows when the program starts and not when the first peer connects.
func New(stages func() []Stage) func(*channel.Channel) channel.Sink {
	if err := Check(stages()...); err != nil {
		panic(err)
	}
	return func(*channel.Channel) channel.Sink { return &Pipeline{stages: stages()} }
}

// With is New for one channel, such as one that a client dials: it returns a function that makes a pipeline of these
// stages, and may be called once.
func With(stages ...Stage) func(*channel.Channel) channel.Sink {
	if err := Check(stages...); err != nil {
		panic(err)
	}
	return func(*channel.Channel) channel.Sink { return &Pipeline{stages: stages} }
}

// Check links stages that will not be used, and tells whether they fit each other.
func Check(stages ...Stage) error {
	p := &Pipeline{ch: new(channel.Channel)}
	return p.link(0, stages)
}

// Of returns the pipeline of a channel, nil if its sink is something else. A sink in front of a pipeline that wants it to
// be found has a method Unwrap() channel.Sink.
func Of(ch *channel.Channel) *Pipeline {
	for s := ch.Sink(); ; {
		switch v := s.(type) {
		case *Pipeline:
			return v
		case interface{ Unwrap() channel.Sink }:
			s = v.Unwrap()
		default:
			return nil
		}
	}
}

// Stages returns the stages from the wire on. They belong to the channel's loop.
func (p *Pipeline) Stages() []Stage { return slices.Clone(p.stages) }

// link links stages in place of those from number at on, which stay linked among themselves.
func (p *Pipeline) link(at int, stages []Stage) error {
	kept := p.stages[:at]
	if err := link(p.ch, lastWriter(nil, kept), stages, p.traced); err != nil {
		return err
	}
	first := firstReader(stages)
	if s := lastReader(kept); s != nil {
		return s.context().fitsNext(s, first)
	}
	if _, ok := first.(Reader[*buffer.Buf]); !ok {
		neighbour := "the end of the pipeline"
		if first != nil {
			neighbour = name(first)
		}
		return &LinkError{"the wire", "fires", "*buffer.Buf", neighbour}
	}
	return nil
}

// lastReader returns the last stage that messages towards the application do not go past.
func lastReader(stages []Stage) Stage {
	for _, s := range slices.Backward(stages) {
		if !passesReads(s) {
			return s
		}
	}
	return nil
}

// enter puts linked stages in place of those from number at on.
func (p *Pipeline) enter(at int, stages []Stage) {
	if s := lastReader(p.stages[:at]); s != nil {
		s.context().linkNext(s, firstReader(stages), p.traced)
	} else {
		first := firstReader(stages)
		p.head = traceRead(p.traced, first.(Reader[*buffer.Buf]), first)
	}
	if at == 0 {
		p.stages = stages
	} else {
		p.stages = append(p.stages[:at:at], stages...) // a new one: the old one is still to be told that it is out of use
	}
	p.bursts = false
	for _, s := range p.stages {
		if _, ok := s.(readDoner); ok {
			p.bursts = true
		}
	}
}

// Open implements channel.Sink.
func (p *Pipeline) Open(ch *channel.Channel) error {
	p.ch = ch
	p.traced = ch.Cache().Pool().WatchesAll()
	stages := p.stages
	p.stages = nil
	if err := p.link(0, stages); err != nil {
		return err
	}
	p.enter(0, stages)
	p.opened = true
	p.busy = true
	err := open(p.stages)
	p.busy = false
	return p.after(err)
}

func open(stages []Stage) error {
	for _, s := range stages {
		if o, ok := s.(opener); ok {
			if err := o.Open(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Read implements channel.Sink.
func (p *Pipeline) Read(b *buffer.Buf) error {
	p.busy = true
	err := p.head.Read(b)
	p.busy = false
	if p.pending != nil {
		return p.after(err)
	}
	return err
}

// ReadDone implements channel.Sink.
func (p *Pipeline) ReadDone() error {
	if !p.bursts {
		return nil
	}
	return p.each(func(s Stage) error {
		if d, ok := s.(readDoner); ok {
			return d.ReadDone()
		}
		return nil
	})
}

// EOF implements channel.Sink.
func (p *Pipeline) EOF() error {
	return p.each(func(s Stage) error {
		if e, ok := s.(eofer); ok {
			return e.EOF()
		}
		return nil
	})
}

// Writable implements channel.Sink.
func (p *Pipeline) Writable() error {
	return p.each(func(s Stage) error {
		if w, ok := s.(writabler); ok {
			return w.Writable()
		}
		return nil
	})
}

// Drain is called when the server stops. If a stage returns true it closes the channel itself; otherwise that is closed now.
func (p *Pipeline) Drain() bool {
	later := false
	err := p.each(func(s Stage) error {
		if d, ok := s.(drainer); ok && d.Drain() {
			later = true
		}
		return nil
	})
	if err != nil {
		p.ch.Close(err)
	}
	return later
}

// Event passes an event on to all stages that have a method Event, from the wire on.
func (p *Pipeline) Event(e any) error {
	return p.each(func(s Stage) error {
		if h, ok := s.(eventer); ok {
			return h.Event(e)
		}
		return nil
	})
}

// each calls f for every stage, until one returns an error, and then makes a replacement that one of them asked for.
func (p *Pipeline) each(f func(Stage) error) error {
	if p.busy { // an event that a stage caused
		return p.calls(f)
	}
	p.busy = true
	err := p.calls(f)
	p.busy = false
	return p.after(err)
}

func (p *Pipeline) calls(f func(Stage) error) error {
	for _, s := range p.stages {
		if err := f(s); err != nil {
			return err
		}
	}
	return nil
}

// Closed implements channel.Sink.
func (p *Pipeline) Closed(cause error) {
	if !p.opened {
		return
	}
	close(p.stages, cause)
}

// close tells stages that they are out of use. One that panics does not keep the others from being told.
func close(stages []Stage, cause error) {
	told := 0
	defer func() {
		if told < len(stages) { // number told has panicked, and goes on doing so
			close(stages[told+1:], cause)
		}
	}()
	for ; told < len(stages); told++ {
		if c, ok := stages[told].(closer); ok {
			c.Closed(cause)
		}
	}
}

type (
	opener    interface{ Open() error }
	readDoner interface{ ReadDone() error }
	eofer     interface{ EOF() error }
	writabler interface{ Writable() error }
	eventer   interface{ Event(any) error }
	drainer   interface{ Drain() bool }
	closer    interface{ Closed(cause error) }
	leftover  interface{ Leftover() *buffer.Buf }
)

// Notify passes an event on to all stages of the pipeline that have a method Event(any) error: for what a stage has to tell
// others that is not a message, such as the end of a handshake.
func (c *Context[Out, W]) Notify(event any) error {
	return Of(c.ch).Event(event)
}
