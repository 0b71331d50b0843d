package pipeline

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// wire takes what a pipeline writes that mixes buffers and files.
type wire struct{ ch *channel.Channel }

func (w wire) Write(p channel.Part) error {
	switch p := p.(type) {
	case *buffer.Buf:
		return w.ch.Write(p)
	case *channel.File:
		return w.ch.WriteFile(p)
	case *channel.Descriptors:
		return w.ch.WriteDescriptors(p)
	}
	p.Release()
	return fmt.Errorf("pipeline: a %T was written to the wire: only *buffer.Buf, *channel.File and *channel.Descriptors are parts", p)
}

// fileWire takes what a pipeline writes that writes files only.
type fileWire struct{ ch *channel.Channel }

func (w fileWire) Write(f *channel.File) error { return w.ch.WriteFile(f) }
