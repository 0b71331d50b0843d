package pipeline

import (
	"errors"
	"slices"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// replacement is a change of the pipeline that waits until no stage is running.
type replacement struct {
	at     int // number of the first stage to go
	stages []Stage
}

// ErrReplacing says that a replacement is under way already.
var ErrReplacing = errors.New("pipeline: another replacement is under way")

// Replace replaces the stage from and all behind it by others: an HTTP server becomes a WebSocket, a plain connection an
// encrypted one, the stage that has read a PROXY header makes way for the protocol behind it.
//
// The new stages are linked and checked at once; if they do not fit, a LinkError is returned and nothing changes.
// The old ones may be on the call stack, so the change is made when the channel's present call has returned. Until then
// the channel is Halted: a decoder delivers no more messages and keeps the rest. Then the first of the old stages gives
// up its Leftover, the old ones are told Closed(nil), the new ones are opened, and the first of them reads the
// leftover. If one of these calls fails, the channel closes with that cause, as for any other call of a stage. It must be
// called on the channel's loop; on a channel that is closing it returns channel.ErrClosed.
func (p *Pipeline) Replace(from Stage, with ...Stage) error {
	at := slices.Index(p.stages, from)
	switch {
	case p.ch.Closing():
		return channel.ErrClosed
	case at < 0:
		return errors.New("pipeline: the stage to be replaced is not in the pipeline")
	case p.pending != nil:
		return ErrReplacing
	}
	if err := p.link(at, with); err != nil {
		return err
	}
	p.pending = &replacement{at, with}
	p.ch.Suspend()
	if !p.busy {
		if err := p.after(nil); err != nil {
			p.ch.Close(err)
		}
	}
	return nil
}

// stageOf returns the stage that embeds the context c.
func (p *Pipeline) stageOf(c linker) Stage {
	for _, s := range p.stages {
		if s.context() == c {
			return s
		}
	}
	return nil
}

// after makes a pending replacement, and any that the new stages ask for in turn, unless the call has failed.
func (p *Pipeline) after(err error) error {
	for err == nil && p.pending != nil {
		r := p.pending
		p.pending = nil
		old := p.stages[r.at:]
		p.enter(r.at, r.stages)
		p.ch.Unsuspend()
		var rest *buffer.Buf
		if l, ok := firstReader(old).(leftover); ok {
			rest = l.Leftover()
		}
		if rest != nil {
			p.ch.Hold(rest) // from panics of those who are called next
		}
		p.busy = true
		close(old, nil)
		if err = open(r.stages); err == nil {
			err = p.feed(r.stages, rest)
		} else if rest != nil {
			rest.Release()
		}
		p.busy = false
		if rest != nil {
			p.ch.Keep()
		}
	}
	return err
}

// feed gives the new stages the input that the old ones have left.
func (p *Pipeline) feed(stages []Stage, rest *buffer.Buf) error {
	if rest == nil {
		return nil
	}
	first := firstReader(stages)
	if r, ok := first.(Reader[*buffer.Buf]); ok && !p.ch.Closing() {
		return traceRead(p.traced, r, first).Read(rest)
	}
	rest.Release()
	return nil
}

// Leftover returns input that the first stage has not used, nil if there is none: for who puts another sink in place of the
// pipeline, such as channel.Relay, and then calls Closed. The caller owns it.
func (p *Pipeline) Leftover() *buffer.Buf {
	if l, ok := firstReader(p.stages).(leftover); ok {
		return l.Leftover()
	}
	return nil
}
