//go:build linux

package uring

import (
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// Engine is the io_uring engine. The zero value is ready to use.
type Engine struct {
	tuning tuning
}

// tuning is what tests make small, or do without as older kernels would.
type tuning struct {
	requests    uint32        // in the submission queue; zero means the default
	completions uint32        // in the completion queue
	mode        int           // the first of modes that is tried
	pollOnly    bool          // no multishot receive
	fault       func(cqe) cqe // changes completions before they are served
	streak      uint16        // of small pieces after which a connection receives; zero means the default
}

const (
	defaultRequests    = 1024
	defaultCompletions = 8192
)

var _ engine.Engine = Engine{}

// String implements engine.Engine.
func (Engine) String() string { return "uring" }

// Capabilities implements engine.Engine.
func (Engine) Capabilities() engine.Capabilities { return socket.Capabilities() }

// Start implements engine.Engine. It returns an error that wraps engine.ErrUnsupported if the kernel has no io_uring that can be used, or
// does not let this process use it.
func (e Engine) Start(c engine.Config) (engine.Group, error) {
	g, err := socket.Start(c, socket.Kind{
		Name: "uring",
		Open: e.tuning.open,
		Make: func() socket.Connection { return new(conn) },
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}
