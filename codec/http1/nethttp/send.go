package nethttp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// prepare finds out what will be sent.
func (f *fetch) prepare() error {
	r := f.req
	if f.method = r.Method; f.method == "" {
		f.method = http.MethodGet
	}
	switch {
	case f.body.ReadCloser == nil:
	case r.ContentLength != 0:
		f.length = r.ContentLength
	default:
		f.length = -1
	}
	if err := f.readSmall(); err != nil {
		return err
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	host = withoutZone(host)
	switch {
	case f.method != http.MethodConnect || r.URL.Path != "":
		f.target = r.URL.RequestURI()
	case r.URL.Opaque != "":
		f.target = r.URL.Opaque
	default:
		f.target = host
	}
	f.fields = append(make([]field, 0, len(r.Header)+4), field{"Host", host})
	if agent, ok := r.Header["User-Agent"]; !ok {
		f.fields = append(f.fields, field{"User-Agent", "Go-http-client/1.1"})
	} else if len(agent) > 0 && agent[0] != "" {
		f.fields = append(f.fields, field{"User-Agent", clean(agent[0])})
	}
	f.close = hasToken(r.Header["Connection"], "close")
	if r.Close && !f.close {
		f.close = true
		f.fields = append(f.fields, field{"Connection", "close"})
	}
	begin := len(f.fields)
	f.fields = appendFields(f.fields, r.Header)
	f.fields = append(f.fields[:begin], slices.DeleteFunc(f.fields[begin:], func(f field) bool {
		return slices.Contains(ours, textproto.CanonicalMIMEHeaderKey(f.name))
	})...)
	if names := trailerNames(r.Trailer); f.length < 0 && names != "" {
		f.fields = append(f.fields, field{"Trailer", names})
		f.trailers = r.Trailer
	}
	return nil
}

// ours are the fields that do not come from the Header of a request.
var ours = []string{"Host", "User-Agent", "Content-Length", "Transfer-Encoding", "Trailer"}

// readSmall reads a body that is short and in memory, so that it leaves with the head; and the beginning of one of unknown
// length of a method that usually has none, to see whether it has any.
func (f *fetch) readSmall() error {
	n := f.length
	f.rest = f.body
	switch {
	case n > 0 && n <= piece && inMemory(f.body.ReadCloser):
		f.small = make([]byte, n)
		if m, err := io.ReadFull(f.body, f.small); err != nil {
			return errLength(n, int64(m), err)
		}
		if m, _ := f.body.Read(make([]byte, 1)); m > 0 {
			return errLength(n, n+1, nil)
		}
		f.body.Close()
	case n < 0 && slices.Contains(bodiless, f.method):
		return f.probe()
	}
	return nil
}

// probeFor is how long the first byte of a body is waited for that may be none. It is that of net/http.
const probeFor = 200 * time.Millisecond

// probe finds out whether a body has a byte. If that takes its time there is a body.
func (f *fetch) probe() error {
	first := &firstByte{done: make(chan struct{})}
	go first.read(f.body)
	late := time.NewTimer(probeFor)
	defer late.Stop()
	select {
	case <-f.ctx.Done():
		return context.Cause(f.ctx)
	case <-late.C:
		f.rest = io.MultiReader(first, f.body)
		return nil
	case <-first.done:
	}
	switch {
	case first.n > 0:
		f.small = first.p[:]
	case first.err == io.EOF:
		f.length = 0
		f.body.Close()
	default:
		return first.err
	}
	return nil
}

// A firstByte is the first byte of a body, which another goroutine reads.
type firstByte struct {
	done chan struct{}
	p    [1]byte
	n    int
	err  error
	told bool
}

func (b *firstByte) read(from io.Reader) {
	b.n, b.err = io.ReadFull(from, b.p[:])
	close(b.done)
}

// Read implements io.Reader.
func (b *firstByte) Read(p []byte) (int, error) {
	<-b.done
	if b.n == 0 {
		return 0, b.err
	}
	if b.told {
		return 0, io.EOF
	}
	b.told = true
	return copy(p, b.p[:]), nil
}

// inMemory tells whether reading r never waits: it is one of those that http.NewRequest knows the length of.
func inMemory(r io.Reader) bool {
	switch v := reflect.ValueOf(r); v.Type() {
	case plainCloser, writerToCloser:
		r, _ = v.Field(0).Interface().(io.Reader)
	}
	switch r.(type) {
	case *bytes.Buffer, *bytes.Reader, *strings.Reader:
		return true
	}
	return false
}

// What io.NopCloser returns, which http.NewRequest makes a body of.
var (
	plainCloser    = reflect.TypeOf(io.NopCloser(nil))
	writerToCloser = reflect.TypeOf(io.NopCloser(new(bytes.Reader)))
)

// bodiless are the methods whose requests usually have no body.
var bodiless = []string{http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodOptions, "PROPFIND", "SEARCH"}

func errLength(want, got int64, err error) error {
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	return fmt.Errorf("nethttp: ContentLength=%d with a body of length %d", want, got)
}

// write makes the request that is sent, on the loop.
func (f *fetch) write(out *http1.Request) {
	out.Header.Reset()
	out.Trailer.Reset()
	out.Method, out.Target, out.Minor, out.Length = f.method, append(out.Target[:0], f.target...), 1, -1
	add(&out.Header, f.fields)
	switch {
	case f.length == 0:
		f.sent = true
	case f.small != nil && f.length > 0:
		out.Body = f.link.Alloc(len(f.small))
		out.Body.Write(f.small)
		f.sent = true
	default:
		out.Source, out.Length = (*fetchSource)(f), f.length
	}
}

// withoutZone cuts the zone off an IPv6 address: it means nothing to others (RFC 6874 section 4).
func withoutZone(host string) string {
	if !strings.HasPrefix(host, "[") {
		return host
	}
	end := strings.LastIndexByte(host, ']')
	zone := strings.LastIndexByte(host[:max(end, 0)], '%')
	if zone < 0 {
		return host
	}
	return host[:zone] + host[end:]
}

// trailerNames lists the names of the fields behind a body.
func trailerNames(h http.Header) string {
	var names []string
	for name := range h {
		switch name = textproto.CanonicalMIMEHeaderKey(name); name {
		case "Transfer-Encoding", "Trailer", "Content-Length":
		default:
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// goOn goes on with the body of the request, on the loop.
func (f *fetch) goOn(ch *channel.Channel, err error) {
	switch {
	case ch == nil:
		refused(f.link.remote, err)
	case f.link.fetch == f && !f.sent:
		f.link.out.Resume()
	}
}

// fetchSource is the http1.Source of a request.
type fetchSource fetch

// Next implements http1.Source.
func (s *fetchSource) Next() (channel.Part, error) {
	f := (*fetch)(s)
	if !f.pumping {
		f.pumping = true
		go f.pump()
	}
	part, ended := f.out.take()
	switch {
	case part != nil:
		return part, nil
	case !ended:
		return nil, nil
	case !f.out.whole:
		f.mu.Lock()
		defer f.mu.Unlock()
		return nil, f.err
	}
	add(&f.link.out.Trailer, f.trailer)
	f.sent = true
	if f.resp == nil { // which may have come first
		f.link.wait()
	}
	return nil, io.EOF
}

// Release implements http1.Source.
func (s *fetchSource) Release() {
	f := (*fetch)(s)
	f.out.drop(errClosed)
	if !f.sent { // the response has come first
		f.body.give()
	}
}

// pump reads the body of the request, on a goroutine of its own.
func (f *fetch) pump() {
	err := f.pumpAll()
	f.body.Close()
	if err == nil {
		f.trailer = appendFields(nil, f.trailers)
		f.out.finish(true)
		return
	}
	if f.out.state() == nil { // otherwise nobody waits for it any more
		f.cancel(err)
	}
}

func (f *fetch) pumpAll() error {
	want, n := f.length, int64(len(f.small))
	if n > 0 {
		if _, err := passOn(&f.out, f.small, ""); err != nil {
			return err
		}
	}
	for {
		if err := f.out.state(); err != nil { // nobody wants more, whether or not the body has any
			return err
		}
		b, readErr, err := readPiece(f.link.conn.pool, f.rest)
		if err != nil {
			return err
		}
		if b != nil {
			if n += int64(b.Len()); want >= 0 && n > want {
				b.Release()
				return errLength(want, n, nil)
			}
			if err := f.out.push(b); err != nil {
				return err
			}
		}
		switch {
		case readErr == io.EOF && want >= 0 && n < want:
			return errLength(want, n, nil)
		case readErr == io.EOF:
			return nil
		case readErr != nil:
			return readErr
		}
	}
}
