// Package engines is the flag by which our servers take the engine that they run on.
package engines

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/epoll"
	"github.com/ropewalk/ropewalk/transport/gnet"
	"github.com/ropewalk/ropewalk/transport/std"
	"github.com/ropewalk/ropewalk/transport/uring"
)

var known = map[string]engine.Engine{
	"epoll": epoll.Engine{},
	"uring": uring.Engine{},
	"std":   std.Engine{},
	"gnet":  gnet.Engine{},
}

// Flag adds -engine to the flags of a program. When they have been parsed, what it returns holds the engine: nil, which is the one that
// ropewalk takes itself, if the flag is absent or empty.
func Flag(flags *flag.FlagSet) *engine.Engine {
	chosen := new(engine.Engine)
	names := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
	flags.Func("engine", names+"; without it what ropewalk takes itself", func(name string) error {
		e := known[name]
		if e == nil && name != "" {
			return fmt.Errorf("there are %s", names)
		}
		*chosen = e
		return nil
	})
	return chosen
}
