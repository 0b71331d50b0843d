package pipeline

import (
	"reflect"
	"runtime"
	"strings"
)

// Serve returns a last stage that calls f for every message, on the channel's loop. f owns the message. What it writes
// travels towards the wire; an error that it returns closes the channel.
//
// If f panics, the channel is closed and the loop goes on. A message that is a *buffer.Buf, or was decoded around one,
// is then released, unless f had released it or passed it on. So an f that stores a message for later does so last.
func Serve[In, W any](f func(*Ctx[W], In) error) Stage { return &serve[In, W]{f: f} }

type serve[In, W any] struct {
	Context[None, W]
	f func(*Ctx[W], In) error
}

func (s *serve[In, W]) Read(m In) error { return s.f(&s.Context, m) }

func (s *serve[In, W]) String() string { return "Serve" }

// handler returns the name of f without the path of its package: main.echo, or main.main.func1 for a literal.
func (s *serve[In, W]) handler() string {
	f := runtime.FuncForPC(reflect.ValueOf(s.f).Pointer()).Name()
	return strings.TrimSuffix(f[strings.LastIndexByte(f, '/')+1:], "-fm") // of a method value
}
