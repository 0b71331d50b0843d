package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestCancel ends the context of a request at different times: the connection is closed.
func TestCancel(t *testing.T) {
	cause := errors.New("intended")
	for _, c := range []struct {
		name, answer string
		inBody       bool
	}{{"before the response", "", false}, {"in the head", "HTTP/1.1 200 OK\r\n", false},
		{"in the body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", true}} {
		t.Run(c.name, func(t *testing.T) {
			p, rt := listenAsPeer(t), newTransport(t)
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			req, _ := http.NewRequestWithContext(ctx, "POST", p.url, reader{strings.NewReader("abc")})
			done := roundTrip(rt, req)
			conn := p.accept()
			conn.exchange(t, "POST / abc", c.answer)
			if !c.inBody {
				cancel(cause)
			}
			a := <-done
			if c.inBody {
				if a.err != nil {
					t.Fatal(a.err)
				}
				if _, err := io.ReadFull(a.resp.Body, make([]byte, 3)); err != nil {
					t.Error(err)
				}
				cancel(cause)
				_, a.err = a.resp.Body.Read(make([]byte, 1))
				defer a.resp.Body.Close()
			}
			if !errors.Is(a.err, cause) {
				t.Errorf("got %v", a.err)
			}
			conn.gone(t)
		})
	}
}

// TestCancelUpload ends the context while the body of a request waits for the server, and for its source.
func TestCancelUpload(t *testing.T) {
	for _, endless := range []bool{true, false} {
		p, rt := listenAsPeer(t), newTransport(t)
		ctx, cancel := context.WithCancel(context.Background())
		source := &source{limit: 1000, closed: make(chan bool)}
		if endless {
			source.limit = 1 << 40
		}
		req, _ := http.NewRequestWithContext(ctx, "POST", p.url, source)
		done := make(chan error, 1)
		go func() {
			_, err := rt.RoundTrip(req)
			done <- err
		}()
		conn := p.accept()
		if _, err := http.ReadRequest(conn.in); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		<-source.closed
		conn.gone(t)
		if n := source.n.Load(); n > 64<<20 {
			t.Errorf("%d bytes of an endless body were read", n)
		}
	}
}

// source is a body that blocks at its limit, until it is closed.
type source struct {
	limit  int64
	n      atomic.Int64
	once   sync.Once
	closed chan bool
}

func (s *source) Read(p []byte) (int, error) {
	if s.n.Load() >= s.limit {
		<-s.closed
		return 0, io.ErrClosedPipe
	}
	n := int(min(int64(len(p)), s.limit-s.n.Load()))
	s.n.Add(int64(n))
	return n, nil
}

func (s *source) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// TestEarlyAnswer has a server answer before it has read the request: the answer counts, and the rest is not sent.
func TestEarlyAnswer(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	source := &source{limit: 1 << 40, closed: make(chan bool)}
	req, _ := http.NewRequest("POST", p.url, source)
	done := make(chan string, 1)
	go func() {
		resp, err := rt.RoundTrip(req)
		if err != nil {
			done <- err.Error()
			return
		}
		b, err := io.ReadAll(resp.Body)
		done <- fmt.Sprint(resp.StatusCode, string(b), err)
	}()
	conn := p.accept()
	http.ReadRequest(conn.in)
	io.WriteString(conn, "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
	if got := <-done; got != "413no<nil>" && got != "413 no <nil>" {
		t.Errorf("got %s", got)
	}
	<-source.closed
	conn.gone(t)
}

// TestRefusedExpectation has a server not want a body, which is closed and never read.
func TestRefusedExpectation(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	source := &source{limit: 1 << 40, closed: make(chan bool)}
	done := send(rt, "POST", p.url, "", func(r *http.Request) {
		r.Body = source
		r.Header.Set("Expect", "100-continue")
	})
	conn := p.accept()
	if r, err := http.ReadRequest(conn.in); err != nil || r.ContentLength != -1 {
		t.Fatal(r, err)
	}
	io.WriteString(conn, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
	if r := <-done; r.err != nil || r.resp.StatusCode != 417 {
		t.Errorf("got %v, %v", r.resp, r.err)
	}
	<-source.closed
	if n := source.n.Load(); n > 0 {
		t.Errorf("%d bytes of the body were read", n)
	}
	conn.gone(t)
}

// TestLongBody has a body be longer than the request says.
func TestLongBody(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	done := send(rt, "PUT", p.url, "", func(r *http.Request) {
		r.Body = io.NopCloser(reader{strings.NewReader("abc")})
		r.ContentLength = 2
	})
	conn := p.accept()
	if r := <-done; r.err == nil || !strings.Contains(r.err.Error(), "ContentLength=2") {
		t.Errorf("got %v", r.err)
	}
	conn.gone(t)
}

// TestCloseEarly gives up a body that has not all come.
func TestCloseEarly(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	req, _ := http.NewRequest("GET", p.url, nil)
	done := make(chan *http.Response, 1)
	go func() {
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Error(err)
		}
		done <- resp
	}()
	conn := p.accept()
	conn.exchange(t, "GET / ", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
	resp := <-done
	resp.Body.Close()
	if _, err := resp.Body.Read(make([]byte, 1)); err == nil {
		t.Error("a closed body was read")
	}
	conn.gone(t)
}

// TestProbe has the body of a GET be slow to say whether there is one: the request is sent, or given up with its context.
func TestProbe(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	body, writer := io.Pipe()
	done := send(rt, "GET", p.url, "", func(r *http.Request) { r.Body = body })
	conn := p.accept()
	r, err := http.ReadRequest(conn.in) // before there is anything of the body
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(writer, "late")
	writer.Close()
	if b, err := io.ReadAll(r.Body); string(b) != "late" || err != nil {
		t.Errorf("the body is %q, %v", b, err)
	}
	io.WriteString(conn, ok)
	if r := <-done; r.err != nil || r.body != "ok" {
		t.Errorf("got %q, %v", r.body, r.err)
	}

	body, writer = io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	done = send(newTransport(t), "GET", p.url, "", func(r *http.Request) {
		*r = *r.WithContext(ctx)
		r.Body = body
	})
	p.accept()
	cancel()
	if r := <-done; !errors.Is(r.err, context.Canceled) {
		t.Errorf("got %v", r.err)
	}
	if _, err := io.WriteString(writer, "x"); err != io.ErrClosedPipe {
		t.Errorf("the body was not closed: %v", err)
	}
}

// TestSlowMemory has a body of known length that can be read again, and yet waits: the context ends the request all the same.
func TestSlowMemory(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	body, writer := io.Pipe()
	defer writer.Close()
	ctx, cancel := context.WithCancel(context.Background())
	done := send(rt, "POST", p.url, "abc", func(r *http.Request) {
		*r = *r.WithContext(ctx)
		r.Body = body
	})
	http.ReadRequest(p.accept().in)
	cancel()
	if r := <-done; !errors.Is(r.err, context.Canceled) {
		t.Errorf("got %v", r.err)
	}
}

// TestBothBodies has a server answer while it reads the request: what is said in either direction depends on the other one.
func TestBothBodies(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	rt.ResponseTimeout = patience
	var conn *bufConn
	for range 2 { // the connection is used again
		body, writer := io.Pipe()
		req, _ := http.NewRequest("POST", p.url, body)
		done := roundTrip(rt, req)
		if conn == nil {
			conn = p.accept()
		}
		r, err := http.ReadRequest(conn.in)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		a := <-done
		if a.err != nil {
			t.Fatal(a.err)
		}
		for range 3 {
			io.WriteString(writer, "ping")
			got := make([]byte, 4)
			if _, err := io.ReadFull(r.Body, got); err != nil || string(got) != "ping" {
				t.Fatalf("the server has got %q, %v", got, err)
			}
			io.WriteString(conn, "4\r\npong\r\n")
			if _, err := io.ReadFull(a.resp.Body, got); err != nil || string(got) != "pong" {
				t.Fatalf("the client has got %q, %v", got, err)
			}
		}
		writer.Close()
		if _, err := r.Body.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the request ends with %v", err)
		}
		io.WriteString(conn, "0\r\n\r\n")
		if rest, err := io.ReadAll(a.resp.Body); len(rest) > 0 || err != nil {
			t.Errorf("the response ends with %q, %v", rest, err)
		}
	}
	p.none()
}

// returned is what RoundTrip has returned.
type returned struct {
	resp *http.Response
	err  error
}

// roundTrip sends a request while the test goes on.
func roundTrip(rt http.RoundTripper, req *http.Request) <-chan returned {
	done := make(chan returned, 1)
	go func() {
		resp, err := rt.RoundTrip(req)
		done <- returned{resp, err}
	}()
	return done
}
