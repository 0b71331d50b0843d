package http1

import (
	"errors"
	"fmt"
	"log/slog"
)

// An Error says what is wrong with a message that was received. A server answers with its Status and closes the connection.
// It is also the error to return from a handler that wants the request to be answered with that status, and closed.
type Error struct {
	// Status is the code of the answer: 400, 408, 413, 414, 417, 431, 500, 501, 505. It is 0 in a client.
	Status int
	// What was wrong, in a few words: for people and logs. The peer is told too.
	What string
	// At is the offset in bytes, from the beginning of the head, or -1 if there is no such place.
	At int
}

func (e *Error) Error() string {
	text := "http1: " + e.What
	if e.At >= 0 {
		text += fmt.Sprintf(" at byte %d of the head", e.At)
	}
	if e.Status != 0 {
		text += fmt.Sprintf(" (status %d)", e.Status)
	}
	return text
}

// LogLevel tells transport.Server how to log that a connection was closed because of this: what peers do wrong is no news.
func (e *Error) LogLevel() slog.Level {
	if e.Status >= 500 && e.Status != 501 && e.Status != 505 {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

var (
	// ErrAnswered says that a response was written to no request, or a second one to a request.
	ErrAnswered = errors.New("http1: no request waits for this response")
	// ErrBody says that a Source gave more or fewer bytes than its Length.
	ErrBody = errors.New("http1: body is not as long as it was announced")
	// ErrUpgrade says that a connection cannot be handed over: the request's body has not been read, for example.
	ErrUpgrade = errors.New("http1: connection cannot be handed over")
	// ErrUnexpected says that a server has sent a response that nobody has asked for.
	ErrUnexpected = errors.New("http1: response without a request")
	// ErrPending says that a client has Client.MaxPending requests without a response.
	ErrPending = errors.New("http1: too many requests without a response")
	// ErrTimeout is what the error of a connection wraps that was closed because its peer took too long.
	ErrTimeout = errors.New("http1: timeout")
)

func bad(at int, what string) *Error             { return &Error{400, what, at} }
func refuse(status int, what string) *Error      { return &Error{status, what, -1} }
func tooLong(status, at int, what string) *Error { return &Error{status, what, at} }
