package nethttp

import (
	"context"
	"os"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// The methods here are what http.ResponseController looks for.

// SetReadDeadline makes reads of the request's body fail from t on, once and for all; the zero time means never.
func (w *response) SetReadDeadline(t time.Time) error {
	if w.body != nil && !w.body.late() {
		w.body.setDeadline(t)
	}
	return nil
}

// SetWriteDeadline makes writes fail from t on, once and for all; the zero time means never. A response that the loop has not
// got rid of by then ends there.
func (w *response) SetWriteDeadline(t time.Time) error {
	if w.failure == nil && !w.out.late() {
		w.out.setDeadline(t, func() { w.remote.Do(w.expired) })
	}
	return nil
}

// expired aborts a response that takes too long, on the loop.
func (w *response) expired(ch *channel.Channel, err error) {
	if w.waits(ch, err) {
		ch.Abort(channel.NewOpError("write", os.ErrDeadlineExceeded))
	}
}

// EnableFullDuplex lets the handler read the request's body after it has begun to write.
func (w *response) EnableFullDuplex() error {
	w.duplex = true
	return nil
}

// CloseNotify implements http.CloseNotifier, which is deprecated: use the context of the request.
func (w *response) CloseNotify() <-chan bool {
	if w.over.Load() {
		panic("nethttp: CloseNotify after the handler has returned")
	}
	gone := make(chan bool, 1)
	context.AfterFunc(w.req.Context(), func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.gone { // and it is not just that the handler has returned
			gone <- true
		}
	})
	return gone
}
