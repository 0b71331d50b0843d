package nethttp

import (
	"io"
	"net"
	"net/http"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// Everything here runs on the loop.

// reply answers with all there is.
func (w *response) reply(ch *channel.Channel, err error) {
	if !w.waits(ch, err) {
		return
	}
	resp := w.in.Text(w.status, w.text)
	resp.Header.Reset() // of the type that Text has given it
	w.begin(resp)
	w.answered()
}

// goOn begins to answer with what the handler has written so far, or goes on with it.
func (w *response) goOn(ch *channel.Channel, err error) {
	switch {
	case !w.waits(ch, err):
	case w.begun:
		w.resp.Resume()
	case w.grants():
		w.grant()
	default:
		w.resp = w.in.Reply(w.status)
		w.resp.Source, w.resp.Length = (*source)(w), w.length
		w.begin(w.resp)
	}
}

// grants tells whether the response is one to CONNECT behind which the connection is no longer HTTP (RFC 9110 section 9.3.6).
func (w *response) grants() bool {
	return w.head.method == http.MethodConnect && w.status >= 200 && w.status < 300
}

// grant answers CONNECT for a handler that has agreed and has not hijacked the connection: it has nobody at its other end. So
// what the handler writes is sent, and then it ends.
func (w *response) grant() {
	t := newTunnel(w.remote, w.conn, w.server.window)
	t.in.close(net.ErrClosed)
	t.out, t.shut = &w.out, true
	w.out.redirect(t)
	resp := w.in.Reply(w.status)
	add(&resp.Header, w.fields)
	w.bridge.call = nil
	if err := w.in.Upgrade(resp, t); err != nil {
		w.bridge.Channel().Close(err)
		t.Closed(err)
	}
}

// waits tells whether the request still waits for its answer, or for the rest of it.
func (w *response) waits(ch *channel.Channel, err error) bool {
	if ch == nil {
		refused(w.remote, err)
		return false
	}
	return w.bridge.call == w
}

// begin writes the head, and what there is of the body.
func (w *response) begin(resp *http1.Response) {
	w.begun = true
	add(&resp.Header, w.fields)
	resp.Close = w.closes()
	if err := w.bridge.Write(resp); err != nil {
		w.bridge.Channel().Close(err)
	}
}

// closes tells whether the connection ends with the response: because somebody wants that, or more is left of the
// request's body than is worth reading. If nobody has asked for the body the server stage decides.
func (w *response) closes() bool { return w.close || w.excess() }

// excess tells whether more is left than is worth reading of a body that nobody reads any more.
func (w *response) excess() bool {
	if !w.asked || !w.body.isClosed() {
		return false
	}
	unread, ended := w.body.unread(w.head.length)
	return unread > maxDiscard || !ended && w.expect
}

// answered goes on when the response was written.
func (w *response) answered() {
	w.sent = true
	if w.bridge.call == w {
		w.bridge.call = nil
	}
	if w.over.Load() {
		w.bridge.last = nil // so that it is not kept
	}
	if w.asked && w.closes() { // the server stage would wait for the rest of the body
		w.bridge.Channel().Close(nil)
	}
}

// aborted closes the connection of a handler that has failed.
func (w *response) aborted(ch *channel.Channel, err error) {
	switch {
	case ch == nil:
		refused(w.remote, err)
	case w.begun && !w.sent:
		ch.Abort(w.failure)
	default:
		ch.Close(w.failure)
	}
}

// ask has the body of the request come.
func (w *response) ask(ch *channel.Channel, err error) {
	switch {
	case !w.waits(ch, err):
	case w.begun: // too late to tell the client so
		w.body.finish(http.ErrBodyReadAfterClose)
	default:
		w.asked = true
		w.in.OnBody(w.receive)
	}
}

// receive takes a piece of the request's body.
func (w *response) receive(b *buffer.Buf, end bool) error {
	ch := w.bridge.Channel()
	w.body.push(ch, b)
	if end {
		w.inTrailer = headerOf(&w.in.Trailer)
		w.body.resume(ch) // nothing more will come that could be too much
		w.body.finish(io.EOF)
	}
	switch {
	case !w.excess():
	case w.sent:
		ch.Close(nil)
	case !end:
		ch.SetReading(false) // until the response was sent, which is the end
	}
	return nil
}

// fail tells the handler that its connection is gone.
func (w *response) fail(cause error) {
	w.leave(true)
	cause = lost(cause)
	w.out.drop(cause)
	if w.body != nil {
		w.body.finish(cause)
	}
}

// leave ends the context of the request: its client has gone, and perhaps the connection.
func (w *response) leave(dead bool) {
	w.mu.Lock()
	w.gone, w.dead = true, dead
	cancel := w.cancel
	w.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// source is the http1.Source of a response.
type source response

// Next implements http1.Source.
func (s *source) Next() (channel.Part, error) {
	w := (*response)(s)
	part, ended := w.out.take()
	switch {
	case part != nil:
		return part, nil
	case !ended:
		return nil, nil
	case w.out.whole:
		add(&w.resp.Trailer, w.trailer)
		w.sent = true
		return nil, io.EOF
	case w.head.minor == 0 && w.length < 0: // an ordinary end would look like that of the body
		return nil, w.failure
	}
	w.bridge.Channel().Close(w.failure)
	return nil, nil
}

// Release implements http1.Source.
func (s *source) Release() {
	w := (*response)(s)
	if w.sent || w.head.method == http.MethodHead || !bodyAllowed(w.status) {
		w.out.drop(channel.ErrClosed)
		w.answered()
		return
	}
	w.fail(w.bridge.Channel().Cause())
}
