package nethttp_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// hijacked runs a test of a connection that f gets from Hijack. before is what the handler does in front of it.
func hijacked(t *testing.T, in string, before func(w http.ResponseWriter, r *http.Request), f func(c net.Conn, rw *bufio.ReadWriter), test func(b *bubble)) {
	t.Helper()
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		if before != nil {
			before(w, r)
		}
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, http.ErrHijacked) {
			t.Errorf("the second Hijack returned %v", err)
		}
		if _, err := w.Write([]byte("x")); !errors.Is(err, http.ErrHijacked) {
			t.Errorf("Write returned %v", err)
		}
		w.WriteHeader(200)
		f(c, rw)
	})
	inBubble(t, s, func(b *bubble) {
		b.feed(in)
		test(b)
	})
}

func TestHijack(t *testing.T) {
	hijacked(t, get("Upgrade: echo\r\n")+"fir", nil, func(c net.Conn, rw *bufio.ReadWriter) {
		fmt.Fprint(rw, "HTTP/1.1 101 Yes\r\n\r\n")
		rw.Flush()
		for {
			line, err := rw.ReadString('\n')
			if err != nil {
				fmt.Fprintf(c, "%v after %q", err, line)
				break
			}
			io.WriteString(c, "echo "+line)
		}
		c.Close()
		if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Write after Close returned %v", err)
		}
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read after Close returned %v", err)
		}
		c.Close()
	}, func(b *bubble) {
		b.want("answer", b.output(), "HTTP/1.1 101 Yes\r\n\r\n")
		b.feed("st\nsecond\n")
		b.want("echo", b.output(), "echo first\necho second\n")
		b.feed("third")
		b.EOF()
		b.want("echo", b.output(), `EOF after "third"`)
		b.want("ended", b.Ended(), true)
		b.want("closed", b.Closed(), true)
		b.want("cause", b.Cause(), nil)
		if log := b.log.String(); !strings.Contains(log, "Write on a hijacked connection") || !strings.Contains(log, "hijack_test.go") {
			t.Errorf("logged %s", log)
		}
	})
}

// TestHijackBehindWriteHeader sends the head that the handler has begun with, as those do who write a 101 or grant a CONNECT.
func TestHijackBehindWriteHeader(t *testing.T) {
	end := func(c net.Conn, _ *bufio.ReadWriter) { io.WriteString(c, "raw"); c.Close() }
	for _, c := range []struct {
		name, in, want string
		before         func(w http.ResponseWriter, r *http.Request)
	}{
		{"101", get(), "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nraw", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Upgrade", "x")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(101)
		}},
		{"CONNECT", request("CONNECT", "a:1", "", ""), "HTTP/1.1 200 OK\r\nDate: now\r\n\r\nraw", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", "now")
			w.WriteHeader(200)
		}},
		{"length", get("Connection: close\r\n"), "HTTP/1.1 200 OK\r\nDate: now\r\nConnection: close\r\nContent-Length: 3\r\n\r\nraw", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", "now")
			w.Header().Set("Content-Length", "3")
			w.WriteHeader(200)
		}},
		{"chunks", get(), "HTTP/1.1 404 Not Found\r\nDate: now\r\nTransfer-Encoding: chunked\r\n\r\nraw", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", "now")
			w.WriteHeader(404)
		}},
		{"flushed", get(), "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: now\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nraw", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", "now")
			w.Header().Set("Content-Type", "text/plain")
			io.WriteString(w, "abc")
			w.(http.Flusher).Flush()
		}},
		{"flushed, large", get(), "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000")
			write(w, 1000000, 3000)
			w.(http.Flusher).Flush()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			hijacked(t, c.in, c.before, end, func(b *bubble) {
				switch out := b.output(); {
				case c.want == "" && len(out) > 1000000 && strings.HasSuffix(out, "raw"):
				case out != c.want:
					t.Errorf("sent %.300q, want %q", out, c.want)
				}
				b.want("closed", b.Closed(), true)
			})
		})
	}
}

// TestHijackWithBody finds what was not read of a body in front of what follows it.
func TestHijackWithBody(t *testing.T) {
	for _, read := range []int{0, 3} {
		var rest []byte
		hijacked(t, post("", "body")+"more", func(_ http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadFull(r.Body, make([]byte, read)); err != nil {
				t.Error(err)
			}
		}, func(c net.Conn, _ *bufio.ReadWriter) {
			rest, _ = io.ReadAll(c)
			c.Close()
		}, func(b *bubble) {
			b.EOF()
			b.settle()
			b.want("rest", string(rest), "bodymore"[read:])
		})
	}
}

// TestHijackDeadlines waits with a deadline in both directions, and goes on after it has passed.
func TestHijackDeadlines(t *testing.T) {
	var stalled chan bool
	hijacked(t, get(), func(http.ResponseWriter, *http.Request) { stalled = make(chan bool) }, func(c net.Conn, _ *bufio.ReadWriter) {
		defer c.Close()
		start := time.Now()
		c.SetDeadline(start.Add(time.Second))
		_, err := c.Read(make([]byte, 1))
		var timeout net.Error
		if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(start) != time.Second {
			t.Errorf("Read returned %v after %v", err, time.Since(start))
		}
		if _, err := c.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write returned %v", err)
		}
		c.SetDeadline(time.Time{})
		if _, err := c.Write([]byte("on")); err != nil {
			t.Error(err)
		}
		<-stalled
		c.SetWriteDeadline(time.Now().Add(time.Second))
		for err = nil; err == nil; {
			_, err = c.Write(make([]byte, 10000))
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write returned %v", err)
		}
	}, func(b *bubble) {
		<-time.After(time.Second)
		b.want("sent", b.output(), "on")
		b.Stall()
		stalled <- true
		<-time.After(2 * time.Second)
		b.settle()
		b.Unstall()
	})
}

// TestHijackPressure holds both directions: a connection that is not read stops the peer, a peer that does not read
// stops the connection.
func TestHijackPressure(t *testing.T) {
	const total = 2_000_000
	written, read := 0, int64(0)
	var goOn chan bool
	hijacked(t, get(), func(http.ResponseWriter, *http.Request) { goOn = make(chan bool) }, func(c net.Conn, _ *bufio.ReadWriter) {
		<-goOn
		for written < total {
			n, err := c.Write(make([]byte, 1000))
			if written += n; err != nil {
				t.Error(err)
				return
			}
		}
		<-goOn
		read, _ = io.Copy(io.Discard, c)
		c.Close()
	}, func(b *bubble) {
		b.Stall()
		goOn <- true
		b.settle()
		for range total / 1000 {
			b.Feed(strings.Repeat("x", 1000))
		}
		b.settle()
		if written > 600<<10 {
			t.Errorf("%d bytes were written to a peer that takes none", written)
		}
		if unread := b.Unread(); unread < total-400<<10 {
			t.Errorf("%d of %d bytes were left unread", unread, total)
		}
		b.Unstall()
		b.want("sent", len(b.output()), total)
		goOn <- true
		b.EOF()
		b.settle()
		b.want("read", read, total)
	})
}

// TestHijackCloseToStalledPeer ends a connection whose peer takes nothing: the channel waits as long as its FlushTimeout says.
func TestHijackCloseToStalledPeer(t *testing.T) {
	hijacked(t, get(), nil, func(c net.Conn, _ *bufio.ReadWriter) {
		c.Write(make([]byte, 300<<10))
		c.Close()
	}, func(b *bubble) {
		b.Stall()
		b.settle()
		b.Advance(10 * time.Minute)
		b.settle()
		b.want("closed", b.Closed(), true)
		b.Unstall()
	})
}

// TestHijackLoses has the peer go while the handler waits in Read, and in Write.
func TestHijackLoses(t *testing.T) {
	hijacked(t, get(), nil, func(c net.Conn, _ *bufio.ReadWriter) {
		if _, err := c.Read(make([]byte, 1)); err == nil || !strings.Contains(err.Error(), "reset") {
			t.Errorf("Read returned %v", err)
		}
		if _, err := c.Write([]byte("x")); err == nil || !strings.Contains(err.Error(), "reset") {
			t.Errorf("Write returned %v", err)
		}
		c.Close()
	}, func(b *bubble) {
		b.Break(errors.New("reset"))
	})
}

// TestHijackHalfClose ends one direction, then the other.
func TestHijackHalfClose(t *testing.T) {
	hijacked(t, get(), nil, func(c net.Conn, _ *bufio.ReadWriter) {
		io.WriteString(c, "bye")
		if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Error(err)
		}
		if _, err := io.WriteString(c, "more"); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Write after CloseWrite returned %v", err)
		}
		b, err := io.ReadAll(c)
		if string(b) != "still here" || err != nil {
			t.Errorf("read %q, %v", b, err)
		}
		c.Close()
	}, func(b *bubble) {
		b.want("sent", b.output(), "bye")
		b.want("ended", b.Ended(), true)
		b.feed("still here")
		b.EOF()
		b.settle()
		b.want("closed", b.Closed(), true)
	})
}

// TestHijackLeavesPlace has hijacked connections not count as requests that are handled.
func TestHijackLeavesPlace(t *testing.T) {
	var done chan bool
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			<-done
			c.Close()
		}
	})
	s.Handlers = 1
	inBubble(t, s, func(b *bubble) {
		done = make(chan bool)
		b.feed(get())
		other := b.another(s)
		other.feed(get())
		done <- true
		done <- true
		b.settle()
		b.want("closed", fmt.Sprint(b.Closed(), other.Closed()), "true true")
	})
}

// TestGrant has a handler agree to a CONNECT and leave: what it has written is sent as it is, and the connection ends.
func TestGrant(t *testing.T) {
	for _, size := range []int{0, 100, 1 << 20} {
		s := handler(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "now")
			w.Header().Set("Content-Type", "x")
			write(w, size, 1000)
		})
		inBubble(t, s, func(b *bubble) {
			b.Stall()
			b.feed(request("CONNECT", "a:1", "", ""))
			b.Unstall()
			head, body, _ := strings.Cut(b.output(), "\r\n\r\n")
			b.want("head", head, "HTTP/1.1 200 OK\r\nContent-Type: x\r\nDate: now")
			b.want("body", len(body), size)
			b.want("closed", b.Closed(), true)
		})
	}
}

// TestHijackOnSocket is a tunnel on a real connection.
func TestHijackOnSocket(t *testing.T) {
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if !strings.HasPrefix(c.RemoteAddr().String(), "127.0.0.1:") || !strings.HasPrefix(c.LocalAddr().String(), "127.0.0.1:") {
			t.Error(c.RemoteAddr(), c.LocalAddr())
		}
		go func() {
			defer c.Close()
			io.Copy(c, c)
		}()
	})
	c, err := net.Dial("tcp", serve(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	io.WriteString(c, request("CONNECT", "a:1", "", ""))
	in := bufio.NewReader(c)
	if resp, err := http.ReadResponse(in, &http.Request{Method: "CONNECT"}); err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	text := strings.Repeat("0123456789", 300000)
	go func() {
		io.WriteString(c, text)
		c.(*net.TCPConn).CloseWrite()
	}()
	back, err := io.ReadAll(in)
	if err != nil || string(back) != text {
		t.Errorf("%d bytes came back of %d, %v", len(back), len(text), err)
	}
}
