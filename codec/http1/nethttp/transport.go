package nethttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// A DialFunc makes a connection and opens a channel on it, whose sink open makes on its loop. Dial of a transport.Client is one.
type DialFunc func(ctx context.Context, network, addr string, open func(*channel.Channel) channel.Sink) (channel.Remote, error)

// A Transport is an http.RoundTripper. Connections are kept and used again, as by http.Transport, and the same rules say when
// a request is sent a second time. The Body of a response to which the connection has switched protocols (101), or that grants a
// CONNECT, is an io.ReadWriteCloser, with a method CloseWrite.
//
// It does not do these: proxies, HTTP/2, names of hosts that are not ASCII, the fields of the connection (TE, Keep-Alive, and
// Connection but as close, or to switch protocols), transparent decompression (it does not ask for any), Request.Cancel, and the hooks of
// httptrace but Got1xxResponse, which is not told of 100. When a server answers before it has all of a request, both bodies go
// on, but for an answer of 300 or above, or with Connection: close: then the rest is not sent, and the connection closes.
//
// Its fields must not change after the first request. Methods may be called by any goroutine that is not a loop.
type Transport struct {
	// Dial makes connections for http URLs. It is required.
	Dial DialFunc
	// DialTLS makes encrypted ones, for https URLs. Nil means that these are refused.
	DialTLS DialFunc

	// IdlePerHost is how many connections to one host are kept for later: 16 if it is zero, none if it is negative.
	IdlePerHost int
	// Idle is how many are kept in all: 256 if it is zero, without a limit if it is negative. Those that were used last stay.
	Idle int
	// IdleTimeout is how long they are kept, up to a quarter more: 90 s if it is zero, for ever if it is negative.
	IdleTimeout time.Duration
	// ConnsPerHost is how many connections to one host there may be; requests beyond wait in order. Zero means 1024,
	// negative means no limit.
	ConnsPerHost int

	// Limits bound what is accepted from servers, see http1.Client. Zero fields mean 1 MiB for Head, no limit for Body, and
	// else the defaults there.
	Limits http1.Limits
	// ResponseTimeout is how long a response may take to begin when the request was sent: 5 minutes if it is zero, for ever if it
	// is negative.
	ResponseTimeout time.Duration
	// Window is how many bytes of each body wait for the loop or the reader before the other side does: 256 KiB if it is not
	// positive.
	Window int

	once     sync.Once
	protocol *http1.Client
	window   int
	response time.Duration
	pool     idlePool
}

const (
	defaultIdlePerHost  = 16
	defaultIdle         = 256
	defaultIdleTimeout  = 90 * time.Second
	defaultConnsPerHost = 1024
	defaultResponse     = 5 * time.Minute
)

// byDefault returns v, or what zero means.
func byDefault[T int | time.Duration](v, zero T) T {
	if v == 0 {
		return zero
	}
	return v
}

func (t *Transport) prepare() {
	t.once.Do(func() {
		limits := t.Limits
		limits.Head = byDefault(limits.Head, 1<<20)
		if limits.Body == 0 {
			limits.Body = -1
		}
		// How long a body may stand still is up to the reader, by the context of the request.
		timeouts := http1.Timeouts{FirstByte: -1, Body: -1}
		t.response = byDefault(t.ResponseTimeout, defaultResponse)
		t.protocol = &http1.Client{Limits: limits, Timeouts: timeouts, Stream: true, MaxPending: 1}
		if t.window = t.Window; t.window <= 0 {
			t.window = defaultWindow
		}
		t.pool.perHost = byDefault(t.IdlePerHost, defaultIdlePerHost)
		t.pool.most = byDefault(t.Idle, defaultIdle)
		t.pool.timeout = byDefault(t.IdleTimeout, defaultIdleTimeout)
		t.pool.conns = byDefault(t.ConnsPerHost, defaultConnsPerHost)
		t.pool.hosts = make(map[hostKey]*hostConns)
	})
}

// CloseIdleConnections closes the connections that are kept for later.
func (t *Transport) CloseIdleConnections() {
	t.prepare()
	for _, l := range t.pool.drain() {
		l.remote.Close(nil)
	}
}

// errors of requests that cannot be sent.
var (
	errNoURL    = errors.New("nethttp: request without a URL")
	errNoHeader = errors.New("nethttp: request with a nil Header")
	errNoHost   = errors.New("nethttp: request without a host in its URL")
	errNoDial   = errors.New("nethttp: Transport without Dial")
	// ErrNoTLS says that a request wants an encrypted connection, and the Transport has no DialTLS.
	ErrNoTLS = errors.New("nethttp: no TLS yet: https needs Transport.DialTLS")
)

// RoundTrip implements http.RoundTripper. When the context of the request ends, so does its connection.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.prepare()
	body := &sentBody{ReadCloser: r.Body}
	if r.Body == http.NoBody {
		body.ReadCloser = nil
	}
	dial, addr, err := t.target(r)
	if err != nil {
		body.Close()
		return nil, err
	}
	for {
		l, err := t.connect(r.Context(), dial, hostKey{r.URL.Scheme, addr})
		if err != nil {
			body.Close()
			return nil, err
		}
		f := newFetch(t, l, r, body)
		resp, err := f.do()
		if err == nil {
			return resp, nil
		}
		body.Close()
		if !f.again(err) {
			return nil, err
		}
		if body, err = body.rewind(r); err != nil {
			return nil, err
		}
	}
}

// target tells where a request goes, or why it cannot go anywhere.
func (t *Transport) target(r *http.Request) (dial DialFunc, addr string, err error) {
	switch {
	case r.URL == nil:
		return nil, "", errNoURL
	case r.Header == nil:
		return nil, "", errNoHeader
	case r.ContentLength != 0 && r.Body == nil:
		return nil, "", fmt.Errorf("nethttp: request with ContentLength=%d and a nil Body", r.ContentLength)
	case r.Method != "" && !validName(r.Method):
		return nil, "", fmt.Errorf("nethttp: invalid method %q", r.Method)
	}
	if err := checkFields("header", r.Header); err != nil {
		return nil, "", err
	}
	if err := checkFields("trailer", r.Trailer); err != nil {
		return nil, "", err
	}
	port := "80"
	switch r.URL.Scheme {
	case "http":
		if dial = t.Dial; dial == nil {
			err = errNoDial
		}
	case "https":
		port = "443"
		if dial = t.DialTLS; dial == nil {
			err = ErrNoTLS
		}
	default:
		err = fmt.Errorf("nethttp: unsupported scheme %q", r.URL.Scheme)
	}
	switch {
	case err != nil:
	case r.URL.Host == "":
		err = errNoHost
	case !validHost(r.URL.Host) || !validHost(r.Host):
		err = fmt.Errorf("nethttp: invalid host in a request for %q with Host %q (names that are not ASCII must be converted)", r.URL.Host, r.Host)
	}
	if p := r.URL.Port(); p != "" {
		port = p
	}
	return dial, net.JoinHostPort(r.URL.Hostname(), port), err
}

// validHost tells whether the bytes of s may be those of a host and a port, RFC 3986 section 3.2.2.
func validHost(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9':
		case strings.IndexByte("!$%&'()*+,-.:;=[]_~", c) < 0:
			return false
		}
	}
	return true
}

// checkFields tells which field of a header is none. Its value may be a secret.
func checkFields(what string, h http.Header) error {
	for name, values := range h {
		if !validName(name) {
			return fmt.Errorf("nethttp: invalid name of a field in the %s: %q", what, name)
		}
		for _, value := range values {
			if strings.ContainsFunc(value, func(r rune) bool { return r < 0x80 && control(byte(r)) }) {
				return fmt.Errorf("nethttp: invalid value of the field %q in the %s", name, what)
			}
		}
	}
	return nil
}

// connect returns a connection that is kept, or a new one.
func (t *Transport) connect(ctx context.Context, dial DialFunc, key hostKey) (*link, error) {
	l, err := t.pool.get(ctx, key)
	if l != nil || err != nil {
		return l, err
	}
	l = &link{transport: t, key: key}
	if l.remote, err = dial(ctx, "tcp", key.addr, l.sink()); err != nil {
		t.pool.leave(key)
		return nil, err
	}
	return l, nil
}

// sentBody is the body of a request. It is closed once.
type sentBody struct {
	io.ReadCloser // nil if there is none
	once          sync.Once
	closed        atomic.Bool
	err           error
}

// Close implements io.Closer.
func (b *sentBody) Close() error {
	b.once.Do(func() {
		b.closed.Store(true)
		if b.ReadCloser != nil {
			b.err = b.ReadCloser.Close()
		}
	})
	return b.err
}

// give closes the body on a goroutine of its own, for loops: what Close does is up to the application.
func (b *sentBody) give() {
	if b.ReadCloser != nil && !b.closed.Load() {
		go b.Close()
	}
}

// rewind returns the body once more.
func (b *sentBody) rewind(r *http.Request) (*sentBody, error) {
	if b.ReadCloser == nil {
		return b, nil
	}
	again, err := r.GetBody()
	return &sentBody{ReadCloser: again}, err
}
