package nethttp

import (
	"fmt"
	"net/http"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A link is a connection of a Transport, and the last stage on it. It has one request at a time.
//
//	tap ── http1.Client ── link
type link struct {
	http1.ClientCtx
	transport *Transport
	key       hostKey        // see idlePool
	remote    channel.Remote // set before the first request
	reused    bool           // there was a request before the present one
	since     time.Time      // when it was kept; of the pool
	closed    bool           // of the pool

	// Of the loop.
	tap   tap
	conn  *connection
	fetch *fetch // whose response is due, or its rest
	out   http1.Request
	ended bool           // the server has ended its stream
	timer *channel.Timer // see Transport.ResponseTimeout; nil if there is none yet
}

// sink makes the pipeline.
func (l *link) sink() func(*channel.Channel) channel.Sink {
	return pipeline.With(&l.tap, l.transport.protocol.Stage(), l)
}

// A tap counts what comes.
type tap struct {
	pipeline.Context[*buffer.Buf, channel.Part]
	n int64
}

// Read lets input by. When it is malformed nothing of the connection is worth waiting for.
func (t *tap) Read(b *buffer.Buf) error {
	t.n += int64(b.Len())
	if err := t.Fire(b); err != nil {
		t.Channel().Abort(err)
	}
	return nil
}

// Open notes what all requests want to know.
func (l *link) Open() error {
	ch := l.Channel()
	l.conn = &connection{local: ch.LocalAddr(), addr: ch.RemoteAddr(), pool: ch.Cache().Pool()}
	return nil
}

// Read takes a response.
func (l *link) Read(r *http1.Response) error {
	if final := r.Status >= 200 || r.Status == http.StatusSwitchingProtocols; final && l.timer != nil {
		l.timer.Stop()
	}
	if f := l.fetch; f != nil {
		return f.answered(r)
	}
	return nil
}

// wait gives the server its time to answer a request that was sent.
func (l *link) wait() {
	d := l.transport.response
	switch {
	case d < 0:
	case l.timer == nil:
		l.timer = l.Channel().AfterFunc(d, func() {
			l.Channel().Abort(fmt.Errorf("nethttp: response does not come: %w", http1.ErrTimeout))
		})
	default:
		l.timer.Reset(d)
	}
}

// EOF notes that this connection is not to be used again.
func (l *link) EOF() error {
	l.ended = true
	return nil
}

// Closed tells whose response was due.
func (l *link) Closed(cause error) {
	l.transport.pool.gone(l)
	if f := l.fetch; f != nil {
		l.fetch = nil
		f.lost(cause)
	}
}

// done gives the connection to the next request, if it can have one. It is called before the reader of the response is told
// that it has all: his next request finds the connection.
func (l *link) done(f *fetch) {
	l.fetch = nil
	ch := l.Channel()
	switch {
	case f.close || !f.sent || l.ended || ch.Closing(): // the http1 stage closes it
	case !l.transport.pool.put(l):
		ch.Close(nil)
	}
}
