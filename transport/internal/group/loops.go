package group

import (
	"errors"

	"github.com/ropewalk/ropewalk/channel"
)

// A Loop is an engine's side of an event loop.
type Loop interface {
	// Base returns the loop as package channel knows it.
	Base() *channel.Loop
	// Load returns the number of its connections, those on their way included.
	Load() int64
}

// Loops are the loops of a group.
type Loops[L Loop] []L

// Bases returns the loops as package channel knows them.
func (s Loops[L]) Bases() []*channel.Loop {
	var all []*channel.Loop
	for _, l := range s {
		all = append(all, l.Base())
	}
	return all
}

var errForeign = errors.New("the loop belongs to another group")

// Find returns the engine's side of a loop, the zero value for nil. It fails if the loop is none of the group.
func (s Loops[L]) Find(want *channel.Loop) (found L, err error) {
	if want == nil {
		return found, nil
	}
	for _, l := range s {
		if l.Base() == want {
			return l, nil
		}
	}
	return found, errForeign
}

// LeastLoaded returns the loop with the fewest connections.
func (s Loops[L]) LeastLoaded() L {
	best := s[0]
	for _, l := range s[1:] {
		if l.Load() < best.Load() {
			best = l
		}
	}
	return best
}

// Each has f called on every loop that has not ended by then.
func (s Loops[L]) Each(f func(L)) {
	for _, l := range s {
		Insist(l.Base(), func(err error) {
			if err == nil {
				f(l)
			}
		})
	}
}
