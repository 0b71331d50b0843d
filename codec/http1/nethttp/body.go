package nethttp

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// requestBody is the Body of an http.Request.
type requestBody response

// Read implements io.Reader. With the end come the fields behind the body.
func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if err == io.EOF && b.inTrailer != nil {
		if b.req.Trailer == nil {
			b.req.Trailer = make(http.Header)
		}
		maps.Copy(b.req.Trailer, b.inTrailer)
		b.inTrailer = nil
	}
	return n, err
}

// Close implements io.Closer: the rest is not wanted.
func (b *requestBody) Close() error {
	b.body.close(http.ErrBodyReadAfterClose)
	return nil
}

// lost is what those get who use a connection that was closed because of cause.
func lost(cause error) error {
	var bad *http1.Error
	switch {
	case cause == nil:
		return fmt.Errorf("nethttp: connection closed: %w", net.ErrClosed)
	case errors.Is(cause, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	case errors.As(cause, &bad):
		return bad
	}
	return fmt.Errorf("nethttp: connection lost: %w", cause)
}
