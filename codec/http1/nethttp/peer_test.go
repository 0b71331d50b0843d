package nethttp_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A peer is a server of which the test plays every connection.
type peer struct {
	t     *testing.T
	url   string
	conns chan *bufConn
}

// bufConn is a connection with what was read of it and not used.
type bufConn struct {
	net.Conn
	in *bufio.Reader
}

// request reads a request with its body, and tells what it was.
func (c *bufConn) request() (string, error) {
	r, err := http.ReadRequest(c.in)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(r.Body)
	return fmt.Sprintf("%s %s %s", r.Method, r.URL, body), err
}

// listenAsPeer starts a peer.
func listenAsPeer(t *testing.T) *peer {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{t, "http://" + ln.Addr().String(), make(chan *bufConn, 100)}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			c.SetDeadline(time.Now().Add(patience))
			p.conns <- &bufConn{c, bufio.NewReader(c)}
		}
	}()
	return p
}

// accept returns the next connection.
func (p *peer) accept() *bufConn {
	select {
	case c := <-p.conns:
		p.t.Cleanup(func() { c.Close() })
		return c
	case <-time.After(patience):
		p.t.Error("no connection is made")
		panic("no connection")
	}
}

// none checks that no other connection was made.
func (p *peer) none() {
	p.t.Helper()
	if len(p.conns) > 0 {
		p.t.Errorf("%d more connections were made", len(p.conns))
	}
}

// gone waits until the other side has closed a connection.
func (c *bufConn) gone(t *testing.T) {
	t.Helper()
	_, err := io.Copy(io.Discard, c.in)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		t.Error("the connection was not closed")
	}
}

// result is what a request has come to.
type result struct {
	resp *http.Response
	body string
	err  error
}

// send makes a request on a goroutine of its own, and reads the body of the response.
func send(rt http.RoundTripper, method, url, body string, edit ...func(*http.Request)) <-chan result {
	done := make(chan result, 1)
	go func() {
		var r result
		var in io.Reader
		if body != "" {
			in = strings.NewReader(body)
		}
		req, err := http.NewRequest(method, url, in)
		if err != nil {
			done <- result{err: err}
			return
		}
		for _, e := range edit {
			e(req)
		}
		if r.resp, r.err = rt.RoundTrip(req); r.err == nil {
			var b []byte
			b, r.err = io.ReadAll(r.resp.Body)
			r.body = string(b)
			r.resp.Body.Close()
		}
		done <- r
	}()
	return done
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// exchange plays one request on a connection.
func (c *bufConn) exchange(t *testing.T, want, answer string) {
	t.Helper()
	if got, err := c.request(); err != nil || got != want {
		t.Errorf("the request is %q, %v, want %q", got, err, want)
	}
	io.WriteString(c, answer)
}
