package websocket

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// An Error says how the peer has broken the rules, and which code it was told. It is also the error to return from a handler
// that wants to end the connection with that code.
type Error struct {
	// Code is sent in the Close.
	Code Code
	// What was wrong, in a few words: for people and logs. The peer is told the first 123 bytes.
	What string
}

func (e *Error) Error() string { return fmt.Sprintf("websocket: %s (code %d)", e.What, uint16(e.Code)) }

// LogLevel tells transport.Server how to log that a connection was closed because of this: what peers do wrong is no news.
func (e *Error) LogLevel() slog.Level {
	if e.Code == InternalError {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

// A CloseError is the cause of a connection that the peer has ended with an unusual code, or without a Close. In the latter case
// the code is AbnormalClosure, and the error is io.ErrUnexpectedEOF by errors.Is.
type CloseError struct {
	Code   Code
	Reason string
}

func (e *CloseError) Error() string {
	if e.Reason == "" {
		return "websocket: closed by the peer: " + e.Code.String()
	}
	return fmt.Sprintf("websocket: closed by the peer: %v: %q", e.Code, e.Reason)
}

// LogLevel is as that of Error.
func (e *CloseError) LogLevel() slog.Level { return slog.LevelDebug }

// Is makes the lack of a Close an io.ErrUnexpectedEOF.
func (e *CloseError) Is(target error) bool {
	return e.Code == AbnormalClosure && target == io.ErrUnexpectedEOF
}

var (
	// ErrIdle is the cause of a connection whose peer has been silent for Timeouts.Idle.
	ErrIdle error = peersFault("websocket: peer is silent")
	// ErrSlow is the cause of a connection whose peer did not finish a message within Timeouts.Message.
	ErrSlow error = peersFault("websocket: message does not end in time")
	// ErrCloseTimeout is the cause of a connection whose peer has not answered a Close within Timeouts.Close.
	ErrCloseTimeout error = peersFault("websocket: peer does not answer a Close")
	// ErrSlowConsumer is the cause of a connection that was dropped because it did not take what its Group had to send.
	ErrSlowConsumer error = peersFault("websocket: peer does not take its messages")

	// ErrMessage says that a message was written that is none: of an unknown kind, a control message of more than MaxControl
	// bytes or in pieces, a Close with a code that must not be sent.
	ErrMessage = errors.New("websocket: invalid message")
	// ErrOrder says that a message was written between the pieces of another one, or a further piece of no message.
	ErrOrder = errors.New("websocket: pieces of messages out of order")
)

func violation(what string) *Error { return &Error{ProtocolError, what} }

func violationf(format string, args ...any) *Error {
	return &Error{ProtocolError, fmt.Sprintf(format, args...)}
}

var (
	errNotUTF8 = &Error{InvalidPayload, "text is not UTF-8"}
	errNoClose = &CloseError{Code: AbnormalClosure}
)

// A peersFault is an error that is logged as an Error is.
type peersFault string

func (e peersFault) Error() string        { return string(e) }
func (e peersFault) LogLevel() slog.Level { return slog.LevelDebug }
