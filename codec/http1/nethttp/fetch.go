package nethttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// A fetch is a request and its response on a connection.
//
//	RoundTrip ── start ──► loop            head, and a small body
//	pump      ── out ────► loop            a larger body
//	RoundTrip ◄─ ready ─── loop            head of the response
//	reader    ◄─ body ──── loop            its body
type fetch struct {
	transport *Transport
	link      *link
	ctx       context.Context
	req       *http.Request
	body      *sentBody
	stop      func() bool
	out       outlet
	in        *inlet

	// Of the request, as it is sent: the caller may change it when RoundTrip has failed, and the loop does not know yet.
	method, target string
	fields         []field
	length         int64       // of its body, -1 if it is not known
	small          []byte      // its body, or the beginning of it, if that was read before
	rest           io.Reader   // its body, without what is in small
	trailers       http.Header // of which the values are looked at when the body has ended
	trailer        []field

	// Of the loop.
	close     bool // the connection ends with this response
	sent      bool // the request is all sent
	pumping   bool
	inTrailer http.Header // of the response, when it has come

	ready chan struct{} // something below has changed
	mu    sync.Mutex
	hints []hint
	resp  *http.Response
	err   error
	fate  fate
}

// fate is how far a request had come that has failed.
type fate uint8

const (
	unsent     fate = iota // nothing of it was sent
	unanswered             // nothing of a response has come
	begun                  // something has
)

// A hint is an informational response.
type hint struct {
	status int
	header http.Header
}

func newFetch(t *Transport, l *link, r *http.Request, body *sentBody) *fetch {
	f := &fetch{transport: t, link: l, ctx: r.Context(), req: r, body: body, ready: make(chan struct{}, 1)}
	f.out.init(l.remote, l.conn.pool, t.window, f)
	return f
}

// do sends the request and waits for the head of the response.
func (f *fetch) do() (*http.Response, error) {
	if err := f.prepare(); err != nil {
		f.fate = begun // the connection is not at fault
		if !f.transport.pool.put(f.link) {
			f.link.remote.Close(nil)
		}
		return nil, err
	}
	f.stop = context.AfterFunc(f.ctx, func() { f.cancel(context.Cause(f.ctx)) })
	f.link.remote.Do(f.start)
	trace := httptrace.ContextClientTrace(f.ctx)
	for range f.ready {
		f.mu.Lock()
		resp, err, hints := f.resp, f.err, f.hints
		f.hints = nil
		f.mu.Unlock()
		for _, h := range hints {
			if trace == nil || trace.Got1xxResponse == nil {
				break
			}
			if err := trace.Got1xxResponse(h.status, textproto.MIMEHeader(h.header)); err != nil {
				f.stop()
				f.cancel(err)
				if resp != nil {
					resp.Body.Close()
				}
				return nil, err
			}
		}
		switch {
		case resp != nil: // if it has failed since, that is told by its body
			return resp, nil
		case err != nil:
			f.stop()
			return nil, err
		}
	}
	panic("unreachable")
}

// again tells whether a request that has failed is sent once more, by the rules of net/http: the connection had been used
// before, so the server may have closed it meanwhile, and doing twice what it asks for is as good as once.
func (f *fetch) again(err error) bool {
	rewinds := f.body.ReadCloser == nil || f.req.GetBody != nil
	switch {
	case !f.link.reused || !rewinds || f.ctx.Err() != nil:
		return false
	case f.fate == unsent:
		return true
	case f.fate == begun:
		return false
	}
	switch f.method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	_, key := f.req.Header["Idempotency-Key"]
	_, own := f.req.Header["X-Idempotency-Key"]
	return key || own
}

// tell wakes RoundTrip. The lock is held.
func (f *fetch) tell() {
	select {
	case f.ready <- struct{}{}:
	default:
	}
}

// fail ends it with an error, the first of which counts.
func (f *fetch) fail(err error, how fate) {
	f.mu.Lock()
	if f.err == nil {
		f.err, f.fate = err, how
	}
	in := f.in
	f.tell()
	f.mu.Unlock()
	if in != nil {
		in.finish(err)
	}
	f.out.drop(err)
	f.body.give()
}

// cancel fails and gets rid of the connection.
func (f *fetch) cancel(err error) {
	f.fail(err, begun)
	f.link.remote.Do(func(ch *channel.Channel, refusal error) {
		switch {
		case ch == nil:
			refused(f.link.remote, refusal)
		case f.link.fetch == f:
			ch.Abort(channel.NewOpError("fetch", err))
		}
	})
}

// start sends the request, on the loop.
func (f *fetch) start(ch *channel.Channel, err error) {
	l := f.link
	switch {
	case err != nil:
		f.fail(fmt.Errorf("nethttp: connection lost: %w", err), unsent)
		return
	case f.failed(): // cancelled meanwhile
		ch.Close(nil)
		return
	case ch.Closing() || l.ended:
		f.fail(lost(ch.Cause()), unsent)
		return
	}
	l.fetch, l.tap.n = f, 0
	f.write(&l.out)
	if err := l.Write(&l.out); err != nil {
		l.fetch = nil
		how := begun
		if errors.Is(err, channel.ErrClosed) {
			how = unsent
		}
		f.fail(err, how)
		ch.Close(nil)
	} else if f.sent {
		l.wait()
	}
}

func (f *fetch) failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err != nil
}

// lost is called on the loop when the connection has ended before the response had.
func (f *fetch) lost(cause error) {
	how := begun
	if f.link.tap.n == 0 {
		how = unanswered
	}
	var bad *http1.Error
	switch {
	case errors.As(cause, &bad):
		cause = fmt.Errorf("nethttp: malformed response: %w", cause)
	case how == unanswered && (cause == nil || errors.Is(cause, io.ErrUnexpectedEOF)):
		cause = fmt.Errorf("nethttp: server has closed the connection: %w", io.EOF)
	case how == unanswered:
		cause = fmt.Errorf("nethttp: no response: %w", cause)
	default:
		cause = lost(cause)
	}
	f.fail(cause, how)
}
