package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// TestStaleConnections has servers close connections that were kept, so that the next request is lost.
func TestStaleConnections(t *testing.T) {
	for _, c := range []struct {
		name, method, body, key string
		answer                  string // of the second request, in front of the end
		again                   bool
	}{
		{name: "GET", method: "GET", again: true},
		{name: "HEAD", method: "HEAD", again: true},
		{name: "GET with body", method: "GET", body: "abc", again: true},
		{name: "POST", method: "POST", body: "abc"},
		{name: "POST with key", method: "POST", body: "abc", key: "Idempotency-Key", again: true},
		{name: "PUT with other key", method: "PUT", body: "abc", key: "X-Idempotency-Key", again: true},
		{name: "GET, partly answered", method: "GET", answer: "HTT"},
		{name: "GET, answered but for the body", method: "GET", answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, rt := listenAsPeer(t), newTransport(t)
			first := send(rt, "GET", p.url+"/1", "")
			conn := p.accept()
			conn.exchange(t, "GET /1 ", ok)
			if r := <-first; r.err != nil || r.body != "ok" {
				t.Fatal(r)
			}
			second := send(rt, c.method, p.url+"/2", c.body, func(r *http.Request) {
				if c.key != "" {
					r.Header[c.key] = nil
				}
			})
			want := c.method + " /2 " + c.body
			conn.exchange(t, want, c.answer)
			conn.Close()
			if c.again {
				p.accept().exchange(t, want, ok)
			}
			r := <-second
			if (r.err == nil) != c.again {
				t.Errorf("got %q, %v", r.body, r.err)
			}
			p.none()
		})
	}
}

// TestClosedWhileKept has a server close a connection that is kept. The next request goes another way, whatever it is.
func TestClosedWhileKept(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	for i := range 5 {
		for _, end := range []string{"", "HTTP/1.1 408 Request Timeout\r\n\r\n", "junk"} {
			done := send(rt, "POST", p.url, "abc")
			conn := p.accept()
			conn.exchange(t, "POST / abc", ok)
			if r := <-done; r.err != nil {
				t.Fatal(i, r.err)
			}
			io.WriteString(conn, end)
			if end == "" {
				conn.Conn.(*net.TCPConn).CloseWrite()
			}
			conn.gone(t)
		}
	}
}

// TestUnsent has a connection close before the request reaches it. It goes another way, also if it must not be sent twice.
func TestUnsent(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	dial := rt.Dial
	var remote channel.Remote
	rt.Dial = func(ctx context.Context, network, addr string, open func(*channel.Channel) channel.Sink) (channel.Remote, error) {
		r, err := dial(ctx, network, addr, open)
		remote = r
		return r, err
	}
	done := send(rt, "POST", p.url, "abc")
	p.accept().exchange(t, "POST / abc", ok)
	if r := <-done; r.err != nil {
		t.Fatal(r.err)
	}
	closing, goOn := make(chan bool), make(chan bool)
	remote.Do(func(ch *channel.Channel, _ error) {
		ch.Close(nil)
		closing <- true
		<-goOn
	})
	<-closing
	done = send(rt, "DELETE", p.url, "", func(r *http.Request) {
		empty := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }
		r.Body, _ = empty()
		r.Body = telling{r.Body, goOn} // when it was read the request has found the connection, whose end was not told yet
		r.GetBody = empty
	})
	p.accept().exchange(t, "DELETE / ", ok)
	if r := <-done; r.err != nil {
		t.Error(r.err)
	}
}

// telling closes a channel when it is first closed.
type telling struct {
	io.ReadCloser
	closed chan bool
}

func (b telling) Close() error {
	close(b.closed)
	return b.ReadCloser.Close()
}

// TestFreshConnectionFails has a server close a connection without an answer: there is no second try.
func TestFreshConnectionFails(t *testing.T) {
	for name, answer := range map[string]string{
		"nothing": "", "part of a head": "HTTP/1.1 200 OK\r\n", "not HTTP": "SSH-2.0-OpenSSH\r\n",
		"bad field": "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "two lengths": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"large head": "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: "+strings.Repeat("a", 20000)+"\r\n", 90),
		"bad chunk":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "short": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
		"bad trailer": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n",
		"hints":       strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 50_000) + ok,
	} {
		t.Run(name, func(t *testing.T) {
			p, rt := listenAsPeer(t), newTransport(t)
			done := send(rt, "GET", p.url, "")
			conn := p.accept()
			conn.exchange(t, "GET / ", answer)
			conn.Conn.(*net.TCPConn).CloseWrite()
			r := <-done
			if r.err == nil {
				t.Errorf("got %v %q", r.resp, r.body)
			}
			var bad *http1.Error
			if malformed := strings.Contains(name, "bad") && name != "bad trailer" || name == "not HTTP"; malformed && !errors.As(r.err, &bad) {
				t.Errorf("got %v", r.err)
			}
			if name == "nothing" && !errors.Is(r.err, io.EOF) && !errors.Is(r.err, io.ErrUnexpectedEOF) {
				t.Errorf("got %v", r.err)
			}
			conn.gone(t)
			p.none()
		})
	}
}

// TestOldServers gets bodies that end with their connection.
func TestOldServers(t *testing.T) {
	p, rt := listenAsPeer(t), newTransport(t)
	for _, head := range []string{"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200\r\nConnection: close\r\n\r\n"} {
		done := send(rt, "GET", p.url, "")
		conn := p.accept()
		conn.exchange(t, "GET / ", head+strings.Repeat("x", 100000))
		conn.Conn.(*net.TCPConn).CloseWrite()
		r := <-done
		if r.err != nil || len(r.body) != 100000 || !r.resp.Close || r.resp.ContentLength != -1 || r.resp.TransferEncoding != nil {
			t.Errorf("got %v, %d bytes, %v", r.resp, len(r.body), r.err)
		}
		conn.gone(t)
	}
	done := send(rt, "GET", p.url, "")
	conn := p.accept()
	for range 3 {
		conn.exchange(t, "GET / ", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok")
		if r := <-done; r.err != nil || r.resp.Close || r.resp.Proto != "HTTP/1.0" {
			t.Errorf("got %v, %v", r.resp, r.err)
		}
		done = send(rt, "GET", p.url, "")
	}
	conn.exchange(t, "GET / ", ok)
	<-done
	p.none()
}

// TestSlowClient does not read a body: what is kept of it is bounded, and the server has to wait.
func TestSlowClient(t *testing.T) {
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
	const total = 100 << 20
	conn.exchange(t, "GET / ", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", total))
	resp := <-done
	written := 0
	for block := make([]byte, 64<<10); ; {
		conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)) // nothing is taken for this long
		n, err := conn.Write(block)
		if written += n; err != nil {
			break
		}
	}
	if written > total/2 {
		t.Errorf("%d bytes were taken for a client that reads nothing", written)
	}
	go func() {
		conn.SetWriteDeadline(time.Now().Add(patience))
		io.Copy(conn, io.LimitReader(zeros{}, int64(total-written)))
	}()
	if n, err := io.Copy(io.Discard, resp.Body); n != total || err != nil {
		t.Errorf("%d of %d bytes, %v", n, total, err)
	}
	resp.Body.Close()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
