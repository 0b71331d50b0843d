package mem

import (
	"fmt"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// Engine is the in-process engine. The zero value is ready to use, on the network Default.
type Engine struct {
	// Network is what groups of the engine listen and dial on. Groups on one Network reach each other. Nil means Default.
	Network *Network
}

var _ engine.Engine = Engine{}

// String implements engine.Engine.
func (Engine) String() string { return "mem" }

// Capabilities implements engine.Engine.
func (Engine) Capabilities() engine.Capabilities {
	return engine.Capabilities{
		Networks:   append([]string(nil), networks...),
		ExactPause: true, Reset: true, HalfClose: true, Gathered: true,
	}
}

// maxLoops bounds the goroutines of a group.
const maxLoops = 1024

// Start implements engine.Engine.
func (e Engine) Start(c engine.Config) (engine.Group, error) {
	c = c.Prepare()
	if c.Loops > maxLoops {
		return nil, fmt.Errorf("mem: %d loops are more than the %d that a group may have", c.Loops, maxLoops)
	}
	g := &engineGroup{config: c, network: e.Network}
	if g.network == nil {
		g.network = Default
	}
	g.dialed.Init()
	for range c.Loops {
		g.loops = append(g.loops, startLoop(g))
	}
	return g, nil
}
