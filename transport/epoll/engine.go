//go:build linux

package epoll

import (
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// Engine is the epoll engine. The zero value is ready to use.
type Engine struct{}

var _ engine.Engine = Engine{}

// String implements engine.Engine.
func (Engine) String() string { return "epoll" }

// Capabilities implements engine.Engine.
func (Engine) Capabilities() engine.Capabilities { return socket.Capabilities() }

// Start implements engine.Engine.
func (Engine) Start(c engine.Config) (engine.Group, error) {
	g, err := socket.Start(c, socket.Kind{Name: "epoll", Open: open})
	if err != nil {
		return nil, err
	}
	return g, nil
}
