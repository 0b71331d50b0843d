package pipeline

import (
	"fmt"
	"reflect"

	"github.com/ropewalk/ropewalk/channel"
)

// A LinkError says that a stage does not fit its neighbour.
type LinkError struct {
	Stage     string // the stage whose message finds nobody
	Verb      string // "fires" or "writes"
	Message   string // the type of the message
	Neighbour string // the stage, or "the wire", that does not take it
}

func (e *LinkError) Error() string {
	does := "read"
	if e.Verb == "writes" {
		does = "accept"
	}
	return fmt.Sprintf("pipeline: %s %s %s, which %s does not %s", e.Stage, e.Verb, e.Message, e.Neighbour, does)
}

// linker is a Context whatever its type arguments.
type linker interface {
	// linkNext and linkPrev connect stage self to a neighbour, nil for the end and the wire; fitsNext only checks.
	fitsNext(self, to Stage) error
	linkNext(self, to Stage, traced bool) error
	linkPrev(self, to Stage, ch *channel.Channel, traced bool) error
}

// writers is a stage that accepts messages of several types: each element is a Writer of one of them.
type writers interface{ Writers() []any }

func (c *Context[Out, W]) linkNext(self, to Stage, traced bool) error {
	if err := c.fitsNext(self, to); err != nil {
		return err
	}
	r, _ := to.(Reader[Out])
	c.next = traceRead(traced, r, to)
	return nil
}

func (c *Context[Out, W]) fitsNext(self, to Stage) error {
	if to == nil {
		if reflect.TypeFor[Out]() == reflect.TypeFor[None]() {
			return nil
		}
		return &LinkError{name(self), "fires", reflect.TypeFor[Out]().String(), "the end of the pipeline"}
	}
	if _, ok := to.(Reader[Out]); !ok {
		return &LinkError{name(self), "fires", reflect.TypeFor[Out]().String(), name(to)}
	}
	return nil
}

func (c *Context[Out, W]) linkPrev(self, to Stage, ch *channel.Channel, traced bool) error {
	c.ch = ch
	if w := writerOf[W](to, ch); w != nil {
		c.prev = traceWrite(traced, w, to)
		return nil
	}
	if reflect.TypeFor[W]() == reflect.TypeFor[None]() {
		return nil
	}
	neighbour := "the wire"
	if to != nil {
		neighbour = name(to)
	}
	return &LinkError{name(self), "writes", reflect.TypeFor[W]().String(), neighbour}
}

// writerOf returns what takes messages of type W at a stage or at the wire, nil if nothing does.
func writerOf[W any](to Stage, ch *channel.Channel) Writer[W] {
	if to == nil {
		// The channel itself takes buffers: no call is lost between the first stage and the queue.
		if w, ok := any(ch).(Writer[W]); ok {
			return w
		}
		w, _ := any(wire{ch}).(Writer[W])
		if w == nil {
			w, _ = any(fileWire{ch}).(Writer[W])
		}
		return w
	}
	if many, ok := to.(writers); ok {
		for _, one := range many.Writers() {
			if w, ok := one.(Writer[W]); ok {
				return w
			}
		}
	}
	w, _ := to.(Writer[W])
	return w
}

// name is how a stage is called in refusals: by its own String method, or its type.
func name(s Stage) string {
	if n, ok := s.(fmt.Stringer); ok {
		return n.String()
	}
	return fmt.Sprintf("%T", s)
}

// passes tells whether messages of a direction go past a stage.
func passesReads(s Stage) bool  { _, ok := s.(interface{ PassReads() }); return ok }
func passesWrites(s Stage) bool { _, ok := s.(interface{ PassWrites() }); return ok }

// link connects stages that follow before (nil for the wire), and checks all of them.
func link(ch *channel.Channel, before Stage, stages []Stage, traced bool) error {
	for i, s := range stages {
		if err := s.context().linkPrev(s, lastWriter(before, stages[:i]), ch, traced); err != nil {
			return err
		}
		if passesReads(s) {
			continue
		}
		if err := s.context().linkNext(s, firstReader(stages[i+1:]), traced); err != nil {
			return err
		}
	}
	return nil
}

func firstReader(stages []Stage) Stage {
	for _, s := range stages {
		if !passesReads(s) {
			return s
		}
	}
	return nil
}

func lastWriter(before Stage, stages []Stage) Stage {
	for i := len(stages) - 1; i >= 0; i-- {
		if !passesWrites(stages[i]) {
			return stages[i]
		}
	}
	return before
}
