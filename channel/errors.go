package channel

import (
	"errors"
	"fmt"
)

var (
	// ErrClosed says that the channel, or its loop, is closed.
	ErrClosed = errors.New("channel: closed")
	// ErrOutboundFull says that a write would take the queue beyond Watermark.Max.
	ErrOutboundFull = errors.New("channel: outbound queue is full")
	// ErrRemoteFull says that the loop has too many calls from other goroutines waiting.
	ErrRemoteFull = errors.New("channel: too many calls waiting for the loop")
	// ErrTooManyTimers says that a channel has MaxTimers timers already.
	ErrTooManyTimers = errors.New("channel: too many timers")
	// ErrShutdown is the cause of channels that were closed because their server or client stopped.
	ErrShutdown = errors.New("channel: shut down")
	// ErrFlushTimeout says that the peer did not take in time what was still to be sent when the channel was closed.
	ErrFlushTimeout = errors.New("channel: peer took nothing of the rest in time")
	// ErrNotRegular says that a File was to be made of something that is not a regular file.
	ErrNotRegular = errors.New("channel: not a regular file")
	// ErrRelayed says that a channel is in a relay already.
	ErrRelayed = errors.New("channel: relayed already")
	// ErrRelayIdle is the cause of channels whose relay has moved nothing for RelayOptions.Idle.
	ErrRelayIdle = errors.New("channel: nothing came through the relay in time")
	// ErrTapStalled says that a Tap took nothing for so long that the relay could not go on.
	ErrTapStalled = errors.New("channel: the tap of the relay took nothing in time")
	// ErrFileShrank says that a file ended before as many bytes were sent as had been announced.
	ErrFileShrank = errors.New("file became shorter while it was sent")
)

// An OpError tells which operation on the connection failed. It unwraps to the system's error.
type OpError struct {
	Op  string // "read", "write", "sendfile", ...
	Err error
}

func (e *OpError) Error() string { return "channel: " + e.Op + ": " + e.Err.Error() }
func (e *OpError) Unwrap() error { return e.Err }

// NewOpError wraps err, nil into nil.
func NewOpError(op string, err error) error {
	if err == nil {
		return nil
	}
	return &OpError{op, err}
}

// A PanicError is the cause of a channel that was closed because code on its loop panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("channel: panic: %v", e.Value) }

// Unwrap returns the panic's value if it was an error, such as buffer.ErrLimit.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
