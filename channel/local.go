package channel

import "sync/atomic"

// A Local is a variable of which every loop has its own value, made when it is first asked for: what the channels of a loop
// share without locks, such as scratch memory, free lists, a cached date. It is made once, as a package variable.
type Local[T any] struct {
	number int
	make   func(*Loop) *T
}

var locals atomic.Int32

// NewLocal returns a Local whose values are made by f, on the loop.
func NewLocal[T any](f func(*Loop) *T) *Local[T] {
	return &Local[T]{int(locals.Add(1)) - 1, f}
}

// Of returns the loop's value. It must be called on the loop, which the value belongs to.
func (v *Local[T]) Of(l *Loop) *T {
	if v.number < len(l.locals) {
		if t, ok := l.locals[v.number].(*T); ok {
			return t
		}
	}
	return v.first(l)
}

func (v *Local[T]) first(l *Loop) *T {
	t := v.make(l)
	for len(l.locals) <= v.number {
		l.locals = append(l.locals, nil)
	}
	l.locals[v.number] = t
	return t
}
