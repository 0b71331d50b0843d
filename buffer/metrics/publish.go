package metrics

import (
	"cmp"
	"errors"
	"expvar"
	"fmt"
	"slices"
	"sync"

	"github.com/ropewalk/ropewalk/buffer"
)

// Variable is the name of the one variable of expvar under which all published pools are found, each by its own name. It appears when
// the first is published.
const Variable = "ropewalk_buffer"

// A Source has books. *buffer.Pool and *buffer.Heap are Sources. Stats must be safe for use by several goroutines.
type Source interface {
	Stats() buffer.Stats
}

// ErrPublished says that a name was published before.
var ErrPublished = errors.New("buffer/metrics: the name is published already")

// A registry is a set of named sources, and the variable of expvar that shows them.
type registry struct {
	variable string

	mu      sync.Mutex
	pools   map[string]Source
	visible bool // expvar knows the variable
}

// published is the registry of this package's functions.
var published = registry{variable: Variable}

// Publish shows a pool under a name, in expvar and to [Handler]. It fails, and changes nothing, if there is a pool of that name
// already (then the error is [ErrPublished]), if the name is empty, or if the program has a variable of its own in expvar that is called
// like [Variable]. Unlike expvar.Publish it never ends the program: metrics are no reason for that.
func Publish(name string, pool Source) error { return published.add(name, pool) }

func (r *registry) add(name string, pool Source) error {
	if name == "" {
		return errors.New("buffer/metrics: a pool cannot be published without a name")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.pools[name]; ok {
		return fmt.Errorf("%w: %q", ErrPublished, name)
	}
	if !r.visible {
		if expvar.Get(r.variable) != nil {
			return fmt.Errorf("buffer/metrics: expvar has a variable %q that is not of this package", r.variable)
		}
		expvar.Publish(r.variable, expvar.Func(r.value))
		r.visible = true
		r.pools = make(map[string]Source)
	}
	r.pools[name] = pool
	return nil
}

// Unpublish removes what was published under a name, which may then be used again. It tells whether there was something.
func Unpublish(name string) bool { return published.remove(name) }

func (r *registry) remove(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.pools[name]
	delete(r.pools, name)
	return ok
}

// A named source is one that was published.
type named struct {
	name string
	pool Source
}

// all returns what is published, by name. Snapshots are taken later, without the lock.
func (r *registry) all() []named {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]named, 0, len(r.pools))
	for name, pool := range r.pools {
		list = append(list, named{name, pool})
	}
	slices.SortFunc(list, func(a, b named) int { return cmp.Compare(a.name, b.name) })
	return list
}

// value returns what expvar turns into JSON.
func (r *registry) value() any {
	pools := make(map[string]buffer.Stats)
	for _, n := range r.all() {
		s := n.pool.Stats()
		if s.Classes == nil {
			s.Classes = []buffer.ClassStats{} // else it would be null
		}
		pools[n.name] = s
	}
	return pools
}
