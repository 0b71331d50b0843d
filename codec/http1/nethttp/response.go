package nethttp

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

const (
	// undecided is how many bytes of a body are kept before the head is sent without knowing its length: if the handler ends
	// before, the response has a Content-Length. It is that of net/http.
	undecided = 2048
	// gathered is how many bytes of a body that has begun are kept before they are passed on.
	gathered = 4096
	// sniffed is how many bytes http.DetectContentType looks at.
	sniffed = 512
	// maxDiscard is how much of a request's body is read and dropped to keep the connection. It is that of net/http.
	maxDiscard = 256 << 10
)

// A response is a request on its way through a handler, and the http.ResponseWriter that the handler gets.
//
//	handler ── Write ──► buf ──► out ──► loop       head and body of some size: the loop is called at its beginning
//	        ── return ─► text ─────────► loop       all there is, in one call
//
// What a handler does is bound to its goroutine, as the http package wants it; what is answered happens on the loop. Between
// the two are out, body, and Remote.Do.
type response struct {
	server *Server
	remote channel.Remote
	head   head
	conn   *connection
	body   *inlet // nil if the request has none
	expect bool   // it is sent when somebody asks for it
	next   *response

	// Of the handler's goroutine.
	req      *http.Request
	header   http.Header
	written  int64
	buf      []byte
	scratch  *[gathered]byte // the memory of buf
	headed   bool            // WriteHeader was called
	decided  bool            // the fields are as they will be sent
	duplex   bool            // see EnableFullDuplex
	typeless bool            // no Content-Type shall be added
	trails   bool            // fields will follow the body
	declared []string        // names of some of them
	hijacked bool
	over     atomic.Bool // the handler has returned; set under mu

	// Set by the handler's goroutine before the loop is called, and not changed afterwards.
	status  int
	fields  []field
	length  int64 // of the body, -1 if it is not known
	text    string
	close   bool
	trailer []field
	failure error // why the response is not whole
	out     outlet

	// Of the loop.
	bridge *bridge
	in     *http1.Request // until it was answered
	resp   *http1.Response
	asked  bool // for the body
	begun  bool // the head was written
	sent   bool // the response was written

	inFields  [8]field
	inTrailer http.Header // that came behind the request's body

	mu     sync.Mutex
	cancel context.CancelFunc
	gone   bool      // the peer has ended its stream, or the connection has ended
	dead   bool      // the connection has ended
	behind *response // the next request of the connection, if it was read before this handler has returned
}

// scratches are for the beginnings of bodies.
var scratches = sync.Pool{New: func() any { return new([gathered]byte) }}

// Header implements http.ResponseWriter.
func (w *response) Header() http.Header {
	if w.header == nil {
		w.header = make(http.Header)
	}
	return w.header
}

// WriteHeader implements http.ResponseWriter. It takes a copy of the fields.
func (w *response) WriteHeader(status int) {
	switch {
	case w.over.Load():
	case w.hijacked:
		w.server.warn("nethttp: WriteHeader on a hijacked connection")
	case w.headed:
		w.server.warn("nethttp: superfluous WriteHeader")
	default:
		w.writeHeader(status)
	}
}

func (w *response) writeHeader(status int) {
	switch {
	case status < 100 || status > 599:
		panic("nethttp: WriteHeader with status " + strconv.Itoa(status) + ", which is none (RFC 9110 section 15)")
	case status < 200 && status != http.StatusSwitchingProtocols:
		w.inform(status)
		return
	}
	w.headed, w.status = true, status
	if lengths := w.header["Content-Length"]; len(lengths) > 0 && lengths[0] != "" {
		n, err := strconv.ParseInt(lengths[0], 10, 64)
		if err == nil && n >= 0 {
			w.length = n
		} else {
			w.server.warn("nethttp: invalid Content-Length", "value", lengths[0])
			w.header.Del("Content-Length")
		}
	}
	w.fields = appendFields(w.inFields[:0], w.header)
	values, ok := w.header["Content-Type"]
	w.typeless = ok && len(values) == 0
	for name := range w.header {
		w.trails = w.trails || strings.HasPrefix(name, http.TrailerPrefix)
	}
}

// Write implements io.Writer.
func (w *response) Write(p []byte) (int, error) { return write(w, p) }

// WriteString implements io.StringWriter.
func (w *response) WriteString(s string) (int, error) { return write(w, s) }

// write is Write for both kinds of text.
func write[T []byte | string](w *response, p T) (int, error) {
	if err := w.admit(int64(len(p))); err != nil || len(p) == 0 {
		return 0, err
	}
	if w.req.Method == http.MethodHead && w.decided {
		return len(p), nil
	}
	if w.scratch == nil {
		w.scratch = scratches.Get().(*[gathered]byte)
		w.buf = w.scratch[:0]
	}
	most := gathered
	if !w.decided {
		most = undecided
	}
	if len(w.buf)+len(p) <= most {
		w.buf = append(w.buf, p...)
		return len(p), nil
	}
	if !w.decided {
		var start [sniffed]byte
		n := copy(start[:], w.buf)
		n += copy(start[n:], p)
		w.decide(start[:n], false)
		if w.req.Method == http.MethodHead {
			w.buf = w.buf[:0]
			return len(p), nil
		}
	}
	n, err := passOn(&w.out, w.buf, p)
	w.buf, w.failure = w.buf[:0], err
	return n, err
}

// admit tells whether n more bytes may be written.
func (w *response) admit(n int64) error {
	switch {
	case w.over.Load():
		return errReturned
	case w.hijacked:
		if n > 0 {
			w.server.warn("nethttp: Write on a hijacked connection")
		}
		return http.ErrHijacked
	case w.failure != nil:
		return w.failure
	}
	if !w.headed {
		w.writeHeader(http.StatusOK)
	}
	if n == 0 {
		return nil
	}
	if !bodyAllowed(w.status) {
		return http.ErrBodyNotAllowed
	}
	if w.written += n; w.length >= 0 && w.written > w.length {
		return http.ErrContentLength
	}
	return nil
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// Flush implements http.Flusher.
func (w *response) Flush() { w.FlushError() }

// FlushError sends what was written so far. It waits while there is no room for it.
func (w *response) FlushError() error {
	switch {
	case w.over.Load():
		return errReturned
	case w.hijacked:
		return http.ErrHijacked
	case w.failure != nil:
		return w.failure
	}
	if !w.headed {
		w.writeHeader(http.StatusOK)
	}
	if !w.decided {
		w.decide(w.buf, false)
	}
	if w.bodiless() {
		w.buf = w.buf[:0]
		w.out.call()
		return nil
	}
	if len(w.buf) == 0 {
		w.out.call()
		return w.out.state()
	}
	_, err := passOn(&w.out, w.buf, "")
	w.buf, w.failure = w.buf[:0], err
	return err
}

// inform sends an informational response, RFC 9110 section 15.2.
func (w *response) inform(status int) {
	if status == http.StatusContinue && w.expect {
		w.body.ask() // for a body that is waited for; the loop says so to the client
		return
	}
	if w.head.minor == 0 {
		return
	}
	fields := appendFields(nil, w.header)
	w.remote.Do(func(ch *channel.Channel, _ error) {
		if ch == nil || w.bridge.call != w || w.begun {
			return
		}
		resp := w.in.Reply(status)
		add(&resp.Header, fields)
		if err := w.bridge.Write(resp); err != nil {
			ch.Close(err)
		}
	})
}
