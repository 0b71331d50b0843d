package gnet

import (
	"errors"
	"fmt"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// Engine is the engine on gnet. The zero value is ready to use.
type Engine struct {
	// Options are given to gnet, such as gnet.WithLockOSThread, gnet.WithReadBufferCap, or gnet.WithLogger: without one, gnet's
	// log goes to Config.Logger. Those that say what Config, ListenConfig and SocketOptions say too have no effect (number of
	// loops, balancing, reuse of ports, TCP_NODELAY, keep-alive), nor have tickers.
	Options []gnetv2.Option
	// ReadAhead is how much input gnet may hold, in bytes, while a channel does not read; a read of gnet's may exceed it. Zero
	// means 128 KiB.
	ReadAhead int
}

var _ engine.Engine = Engine{}

// ErrReadAhead says that a peer has sent more than ReadAhead to a channel that does not read, on a system on which it cannot be
// held back.
var ErrReadAhead = errors.New("gnet: too much input for a channel that does not read")

const (
	defaultReadAhead = 128 << 10
	maxLoops         = 1024 // bounds the goroutines of a group
)

// String implements engine.Engine.
func (Engine) String() string { return "gnet" }

// Capabilities implements engine.Engine.
func (Engine) Capabilities() engine.Capabilities { return capabilities }

// Start implements engine.Engine. Config.Spin has no effect: how to wait is up to gnet. Config.PinLoops is refused.
func (e Engine) Start(c engine.Config) (engine.Group, error) {
	c = c.Prepare()
	if c.Loops > maxLoops {
		return nil, fmt.Errorf("gnet: %d loops are more than the %d that a group may have", c.Loops, maxLoops)
	}
	if c.PinLoops {
		return nil, fmt.Errorf("gnet: Config.PinLoops: %w", engine.ErrUnsupported)
	}
	g := &engineGroup{config: c}
	g.dialed.Init()
	for range c.Loops {
		l, err := startLoop(e, g)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("gnet: %w", err), g.Close())
		}
		g.loops = append(g.loops, l)
	}
	return g, nil
}

// readAhead returns the bound of a field ReadAhead.
func readAhead(n int) int {
	if n <= 0 {
		return defaultReadAhead
	}
	return n
}
