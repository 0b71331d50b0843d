package nethttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/http1/nethttp"
)

// TestResponseTimeout gives up on a server that does not answer.
func TestResponseTimeout(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	rt.ResponseTimeout = 20 * time.Millisecond
	done := send(rt, "GET", p.url, "")
	conn := p.accept()
	start := time.Now()
	if r := <-done; !errors.Is(r.err, http1.ErrTimeout) {
		t.Errorf("got %v", r.err)
	}
	conn.gone(t)
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("it took %v", took) // less than Linger, which is for servers
	}
}

// TestUpgrades gets connections that are no longer HTTP: behind 101, and behind an answer to CONNECT.
func TestUpgrades(t *testing.T) {
	for _, method := range []string{"GET", "CONNECT"} {
		p, rt := listenAsPeer(t), newTransport(t)
		req, _ := http.NewRequest(method, p.url, nil)
		answer := "HTTP/1.1 200 OK\r\n\r\n"
		if method == "GET" {
			req.Header.Set("Connection", "Upgrade")
			req.Header.Set("Upgrade", "echo")
			answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
		}
		go func() {
			c := p.accept()
			r, err := http.ReadRequest(c.in)
			if err != nil || method == "GET" && r.Header.Get("Upgrade") != "echo" || method == "CONNECT" && r.RequestURI != req.URL.Host {
				t.Errorf("%v, %v", r, err)
			}
			io.WriteString(c, answer+"first ")
			io.Copy(c, c.in)
			c.Close()
		}()
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		both := resp.Body.(io.ReadWriteCloser)
		io.WriteString(both, "second")
		got := make([]byte, len("first second"))
		if _, err := io.ReadFull(both, got); err != nil || string(got) != "first second" {
			t.Errorf("read %q, %v", got, err)
		}
		both.(interface{ CloseWrite() error }).CloseWrite()
		if rest, err := io.ReadAll(both); len(rest) > 0 || err != nil {
			t.Errorf("read %q, %v", rest, err)
		}
		both.Close()
	}
}

// TestHints has a hook for informational responses give up.
func TestHints(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	intended := errors.New("intended")
	done := send(rt, "GET", p.url, "", func(r *http.Request) {
		*r = *r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
				if code == 103 {
					return intended
				}
				return nil
			},
		}))
	})
	conn := p.accept()
	conn.exchange(t, "GET / ", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n")
	if r := <-done; !errors.Is(r.err, intended) {
		t.Errorf("got %v", r.err)
	}
	conn.gone(t)
}

// TestTLS refuses https without a way to do it, and takes one that it is given.
func TestTLS(t *testing.T) {
	rt := newTransport(t)
	if r := <-send(rt, "GET", "https://example.org/", ""); !errors.Is(r.err, nethttp.ErrNoTLS) {
		t.Errorf("got %v", r.err)
	}
	intended := errors.New("intended")
	asked := ""
	secure := &nethttp.Transport{DialTLS: func(_ context.Context, _, addr string, _ func(*channel.Channel) channel.Sink) (channel.Remote, error) {
		asked = addr
		return channel.Remote{}, intended
	}}
	if r := <-send(secure, "GET", "https://example.org/", ""); !errors.Is(r.err, intended) || asked != "example.org:443" {
		t.Errorf("got %v for %s", r.err, asked)
	}
	if r := <-send(secure, "GET", "http://example.org/", ""); r.err == nil {
		t.Error("a Transport without Dial has made a connection")
	}
}

// TestManyHints waits for a response behind any number of informational ones, but no longer than without them.
func TestManyHints(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	done := send(rt, "GET", p.url, "")
	p.accept().exchange(t, "GET / ", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 100)+ok)
	if r := <-done; r.err != nil || r.body != "ok" {
		t.Errorf("got %q, %v", r.body, r.err)
	}
	late := newTransport(t)
	late.ResponseTimeout = 20 * time.Millisecond
	done = send(late, "GET", p.url, "")
	p.accept().exchange(t, "GET / ", "HTTP/1.1 102 Processing\r\n\r\n")
	if r := <-done; !errors.Is(r.err, http1.ErrTimeout) {
		t.Errorf("got %v", r.err)
	}
}

// TestInvalidHosts refuses requests for hosts that are none, before anybody is dialed.
func TestInvalidHosts(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	for _, host := range []string{"a b", "a/b?c", "a\r\nB: c", "b\u00fccher.example", "a\x00", "u@h"} {
		if r := <-send(rt, "GET", p.url, "", func(r *http.Request) { r.Host = host }); r.err == nil || !strings.Contains(r.err.Error(), "invalid host") {
			t.Errorf("%q: %v", host, r.err)
		}
		if r := <-send(rt, "GET", p.url, "", func(r *http.Request) { r.URL.Host = host }); r.err == nil {
			t.Errorf("%q was dialed", host)
		}
	}
	p.none()
}
