package nethttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"

	"github.com/ropewalk/ropewalk/channel"
)

var (
	errClosed   = errors.New("nethttp: closed")
	errReturned = errors.New("nethttp: the handler has returned")
	errShort    = errors.New("nethttp: handler has written less than its Content-Length")
	errExit     = errors.New("nethttp: handler has ended its goroutine")
)

// A PanicError is why a connection was closed whose handler has panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("nethttp: panic in a handler: %v", e.Value) }

// Unwrap returns Value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// serve has a request handled, on the goroutine of a worker.
func (w *response) serve() {
	ctx, cancel := context.WithCancel(w.conn.ctx)
	w.mu.Lock()
	w.cancel = cancel
	gone, dead := w.gone, w.dead
	w.mu.Unlock()
	if gone { // while it waited for its turn
		cancel()
	}
	if dead {
		w.leaves()
		w.end()
		return
	}
	returned := false
	defer func() {
		if !returned {
			value := recover()
			cancel()
			w.leaves()
			w.failed(value)
		}
		w.end()
	}()
	handler := w.server.Handler
	var r http.Request // WithContext makes a copy
	err := w.head.request(&r)
	switch {
	case err != nil:
		handler = http.HandlerFunc(badRequest)
		r.Close = true
	case w.head.method == http.MethodOptions && r.RequestURI == "*":
		handler = http.HandlerFunc(options)
	case handler == nil:
		handler = http.DefaultServeMux
	}
	r.RemoteAddr = w.conn.peer
	if w.body != nil {
		r.Body = (*requestBody)(w)
	}
	w.req = r.WithContext(ctx)
	handler.ServeHTTP(w, w.req)
	returned = true
	cancel()
	w.leaves()
	w.finish()
}

// badRequest answers what net/http answers to a target that it cannot parse.
func badRequest(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusBadRequest)
	io.WriteString(w, "400 Bad Request")
}

// options answers OPTIONS *, which is about the server and nothing in it (RFC 9110 section 9.3.7).
func options(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "0")
	if r.ContentLength != 0 {
		io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 4<<10))
	}
}

// failed closes the connection of a handler that has not returned as it should.
func (w *response) failed(value any) {
	var cause error
	switch value {
	case nil:
		cause = errExit
	case http.ErrAbortHandler:
		cause = http.ErrAbortHandler
	default:
		stack := debug.Stack()
		cause = &PanicError{value, stack}
		w.server.log().Error("nethttp: panic in a handler", "peer", w.conn.peer, "value", value, "stack", string(stack))
	}
	w.abort(channel.NewOpError("handle request", cause))
}

// abort ends the response where it is.
func (w *response) abort(cause error) {
	if w.failure == nil {
		w.failure = cause
	}
	if w.decided && !w.bodiless() && !errors.Is(cause, os.ErrDeadlineExceeded) {
		w.out.finish(false) // what was passed on is sent
		return
	}
	w.remote.Do(w.aborted)
}

// finish answers the request of a handler that has returned.
func (w *response) finish() {
	if w.hijacked {
		return
	}
	if w.req.MultipartForm != nil {
		defer w.req.MultipartForm.RemoveAll()
	}
	if !w.headed {
		w.writeHeader(http.StatusOK)
	}
	switch bodiless := w.bodiless(); {
	case w.decided && bodiless:
		w.endBody()
		w.out.finish(true)
		return
	case w.failure != nil:
	case w.out.state() != nil:
		w.failure = w.out.state()
	case !w.decided:
		w.decide(w.buf, true)
		if !w.grants() && (!bodyAllowed(w.status) || w.length == int64(len(w.buf))) {
			w.endBody()
			w.text = string(w.buf)
			w.remote.Do(w.reply)
			return
		}
		if bodiless {
			w.buf = nil
		}
	}
	if w.failure == nil && len(w.buf) > 0 {
		_, w.failure = passOn(&w.out, w.buf, "")
	}
	if w.failure == nil && w.length >= 0 && w.length != w.written && !w.bodiless() {
		w.failure = channel.NewOpError("answer", errShort)
	}
	if w.failure != nil {
		w.abort(w.failure)
		return
	}
	w.endBody()
	if w.length < 0 {
		w.trailer = w.trailers()
	}
	w.out.finish(true)
}

// bodiless tells whether the response is one without a body, whatever is written.
func (w *response) bodiless() bool {
	return w.head.method == http.MethodHead || w.headed && !bodyAllowed(w.status)
}

// endBody ends the use of the request's body: what was not read is dropped.
func (w *response) endBody() {
	if w.body != nil {
		w.body.close(http.ErrBodyReadAfterClose)
	}
}

// leaves notes that the handler has returned, and has the request behind it served that waits for that.
func (w *response) leaves() {
	w.mu.Lock()
	w.over.Store(true)
	behind := w.behind
	w.behind = nil
	w.mu.Unlock()
	if behind != nil {
		w.server.workers.submit(behind)
	}
}

// submitBehind has w served when the handler of last, the request before it on the connection, has returned. Usually it has. It
// is not when a response is over before its handler: one without a body that was flushed.
func (w *response) submitBehind(last *response) {
	if last != nil {
		last.mu.Lock()
		if !last.over.Load() {
			last.behind = w
			last.mu.Unlock()
			return
		}
		last.mu.Unlock()
	}
	w.server.workers.submit(w)
}

// end frees what the handler had.
func (w *response) end() {
	if !w.hijacked {
		w.endBody()
	}
	if w.scratch != nil {
		scratches.Put(w.scratch)
		w.scratch, w.buf = nil, nil
	}
}
