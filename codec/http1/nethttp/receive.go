package nethttp

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// answered takes the head of a response, on the loop.
func (f *fetch) answered(r *http1.Response) error {
	if r.Status < 200 && r.Status != http.StatusSwitchingProtocols {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.hints = append(f.hints, hint{r.Status, headerOf(&r.Header)})
		f.tell()
		return nil
	}
	resp, err := f.response(r)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.err != nil: // it was cancelled, and the connection will be closed
		return nil
	case r.Status == http.StatusSwitchingProtocols, f.method == http.MethodConnect && r.Status < 300:
		t := newTunnel(f.link.remote, f.link.conn, f.transport.window)
		if err := r.Upgrade(t); err != nil {
			return err
		}
		f.link.fetch = nil
		f.stop()
		resp.Body = (*conn)(t)
	case r.Length == 0:
		f.stop()
		f.link.done(f)
	default:
		f.in = newInlet(f.link.remote, f.transport.window)
		resp.Body = (*responseBody)(f)
		r.OnBody(func(b *buffer.Buf, end bool) error { return f.receive(r, b, end) })
	}
	f.resp = resp
	f.tell()
	return nil
}

// response makes what net/http makes of such a head.
func (f *fetch) response(r *http1.Response) (*http.Response, error) {
	resp := &http.Response{
		StatusCode: r.Status, Status: fmt.Sprintf("%03d %s", r.Status, r.Reason),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: r.Minor,
		Header: headerOf(&r.Header), Body: http.NoBody, ContentLength: r.Length, Request: f.req,
	}
	if len(r.Reason) == 0 {
		resp.Status = resp.Status[:3]
	}
	if r.Minor == 0 {
		resp.Proto = "HTTP/1.0"
	}
	if resp.Header == nil {
		resp.Header = make(http.Header)
	}
	if resp.Header["Cache-Control"] == nil && len(resp.Header["Pragma"]) > 0 && resp.Header["Pragma"][0] == "no-cache" {
		resp.Header["Cache-Control"] = []string{"no-cache"}
	}
	connection := resp.Header["Connection"]
	if hasToken(connection, "close") {
		resp.Close = true
		delete(resp.Header, "Connection")
	}
	resp.Close = resp.Close || r.Minor == 0 && !hasToken(connection, "keep-alive") || r.Length < -1
	f.close = f.close || resp.Close
	lengths := resp.Header["Content-Length"]
	if len(lengths) > 1 { // http1 has seen that they are one number
		resp.Header["Content-Length"] = lengths[:1]
	}
	switch {
	case f.method == http.MethodHead:
		if resp.ContentLength = -1; len(lengths) > 0 {
			resp.ContentLength, _ = strconv.ParseInt(lengths[0], 10, 64)
		}
	case r.Length < 0, f.method == http.MethodConnect && r.Status < 300:
		resp.ContentLength = -1
	}
	var err error
	if r.Length == -1 || f.method == http.MethodHead && hasToken(resp.Header["Transfer-Encoding"], "chunked") {
		resp.TransferEncoding = []string{"chunked"}
		resp.Trailer, err = announced(resp.Header)
	}
	delete(resp.Header, "Transfer-Encoding")
	return resp, err
}

// receive takes a piece of the body of a response, on the loop.
func (f *fetch) receive(r *http1.Response, b *buffer.Buf, end bool) error {
	ch := f.link.Channel()
	f.in.push(ch, b)
	if end {
		f.inTrailer = headerOf(&r.Trailer)
		f.in.resume(ch) // nothing more will come that could be too much
		f.stop()
		f.link.done(f)
		f.in.finish(io.EOF)
	}
	return nil
}

var errBodyClosed = errors.New("nethttp: read on a closed response body")

// responseBody is the Body of an http.Response.
type responseBody fetch

// Read implements io.Reader. With the end come the fields behind the body.
func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if err == io.EOF && b.inTrailer != nil {
		if b.resp.Trailer == nil {
			b.resp.Trailer = make(http.Header)
		}
		maps.Copy(b.resp.Trailer, b.inTrailer)
		b.inTrailer = nil
	}
	return n, err
}

// Close implements io.Closer. If the body was not all received, the connection is closed.
func (b *responseBody) Close() error {
	b.in.close(errBodyClosed)
	if _, ended := b.in.unread(0); !ended {
		b.stop()
		(*fetch)(b).cancel(errBodyClosed)
	}
	return nil
}
