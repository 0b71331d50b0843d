// Package engines gives the examples a flag that chooses the engine they run on, so that one program can be measured, tested
// and disturbed on each of them:
//
//	go run ./examples/echo -engine epoll
//
//	-engine NAME ──► Choice.Engine ──► transport.Server.Engine, transport.Client.Engine
//	(not given)  ──► nil           ──► the best one that works here
//
// A program of one's own does not need it: it sets the field to the engine that it wants, as epoll.Engine{}, or leaves it nil.
// An engine has no state before it is started, so one Choice may serve any number of servers and clients, and any goroutine.
package engines

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/gnet"
	"github.com/ropewalk/ropewalk/transport/std"
)

// known are the engines of this system by name; engines_linux.go adds what only Linux has.
var known = map[string]engine.Engine{
	"gnet": gnet.Engine{},
	"std":  std.Engine{},
}

// A Choice is what the flag was given.
type Choice struct {
	// Engine is the one that was asked for, nil if none was: what transport.Server and transport.Client take for the best one
	// that works here. It is set when the flags are parsed. Whether the system lets it start shows when it is started.
	Engine engine.Engine
}

// Flag adds -engine to the flags of the program. Parsing fails for a name that is none of an engine here, and says which are.
func Flag() *Choice { return add(flag.CommandLine) }

func add(flags *flag.FlagSet) *Choice {
	c := new(Choice)
	flags.Func("engine", "`name` of the engine: "+Names()+"; empty is the best one that works here", c.set)
	return c
}

func (c *Choice) set(name string) error {
	if name == "" {
		c.Engine = nil
		return nil
	}
	e, ok := known[name]
	if !ok {
		return fmt.Errorf("there is no such engine here, but %s", Names())
	}
	c.Engine = e
	return nil
}

// Names returns the names of the engines that there are on this system, in order, with commas between.
func Names() string { return strings.Join(slices.Sorted(maps.Keys(known)), ", ") }
