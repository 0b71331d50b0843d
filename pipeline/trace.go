package pipeline

import (
	"reflect"

	"github.com/ropewalk/ropewalk/buffer"
)

// Traces
//
// Where every buffer of a channel's pool is watched, a trace stands in front of each stage, and of the wire, that may be passed
// buffers. It writes the stage's name into the history of each and passes it on. It knows the stage only as a Reader or
// Writer, and nobody knows the trace but the Context that it is linked to.
//
// Elsewhere stages are linked to each other, and a hop is the one call that it would be without this file.

type readTrace[T any] struct {
	to   Reader[T]
	note string
}

func (t *readTrace[T]) Read(m T) error {
	if b, ok := any(m).(*buffer.Buf); ok && b != nil {
		b.Touch(t.note)
	}
	return t.to.Read(m)
}

type writeTrace[T any] struct {
	to   Writer[T]
	note string
}

func (t *writeTrace[T]) Write(m T) error {
	if b, ok := any(m).(*buffer.Buf); ok && b != nil {
		b.Touch(t.note)
	}
	return t.to.Write(m)
}

// mayBeBuf tells whether a message of type T may be a buffer: by its type, or as a channel.Part. To look at such a message
// allocates nothing.
func mayBeBuf[T any]() bool { return reflect.TypeFor[*buffer.Buf]().AssignableTo(reflect.TypeFor[T]()) }

// traceRead returns r, which is stage s, with a trace in front if a pipeline is traced and T calls for it.
func traceRead[T any](traced bool, r Reader[T], s Stage) Reader[T] {
	if !traced || !mayBeBuf[T]() {
		return r
	}
	return &readTrace[T]{r, "read by " + title(s)}
}

// traceWrite is traceRead for w, which is an inlet of s, or the wire if that is nil.
func traceWrite[T any](traced bool, w Writer[T], s Stage) Writer[T] {
	if !traced || !mayBeBuf[T]() {
		return w
	}
	to := "the wire"
	if s != nil {
		to = title(s)
	}
	return &writeTrace[T]{w, "written to " + to}
}

// title is how a stage is called in a note: by its name, and the function's if it is one of Serve, as most pipelines end
// with one of these.
func title(s Stage) string {
	if h, ok := s.(interface{ handler() string }); ok {
		return name(s) + "(" + h.handler() + ")"
	}
	return name(s)
}
