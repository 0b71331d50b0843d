package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1/nethttp"
)

// TestContext has the context of a request end: when its handler returns, and when its client goes.
func TestContext(t *testing.T) {
	type key struct{}
	for _, c := range []struct {
		name string
		in   string
		then func(b *bubble)
	}{
		{"return", get(), func(b *bubble) {}},
		{"end of the stream", get(), func(b *bubble) { b.EOF() }},
		{"reset", get(), func(b *bubble) { b.Break(io.ErrClosedPipe) }},
		{"end behind a body", post("", "abc"), func(b *bubble) { b.EOF() }},
		{"end in a body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc", func(b *bubble) { b.EOF() }},
		{"bad body", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", func(b *bubble) { b.Feed("x\r\n") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ctx context.Context
			var noticed <-chan bool
			ended, gone := false, c.name != "return"
			s := handler(func(w http.ResponseWriter, r *http.Request) {
				ctx = r.Context()
				noticed = w.(http.CloseNotifier).CloseNotify() //lint:ignore SA1019 it is still in use
				if ctx.Err() != nil || ctx.Value(key{}) != "value" {
					t.Error("the context has ended, or is another one")
				}
				io.Copy(io.Discard, r.Body)
				if gone {
					<-ctx.Done()
				}
				ended = true
			})
			s.Context = context.WithValue(context.Background(), key{}, "value")
			inBubble(t, s, func(b *bubble) {
				b.feed(c.in)
				if ended == gone {
					t.Error("the context has ended early")
				}
				c.then(b)
				b.settle()
				b.want("ended", ended, true)
				b.want("error", ctx.Err(), context.Canceled)
				if gone != (len(noticed) == 1) {
					t.Errorf("CloseNotify has told %d times", len(noticed))
				}
				if c.name == "end of the stream" {
					b.response("GET") // it may only have ended its side
					b.want("closed", b.Closed(), true)
				}
			})
		})
	}
}

// TestBodyFails has reading of a body fail that is cut short, or broken.
func TestBodyFails(t *testing.T) {
	for name, c := range map[string]struct {
		then func(b *bubble)
		want string
	}{
		"end":   {func(b *bubble) { b.EOF() }, io.ErrUnexpectedEOF.Error()},
		"bad":   {func(b *bubble) { b.Feed("x\r\n") }, "chunk"},
		"reset": {func(b *bubble) { b.Break(errors.New("reset")) }, "reset"},
	} {
		t.Run(name, func(t *testing.T) {
			var body []byte
			var err error
			inBubble(t, handler(func(w http.ResponseWriter, r *http.Request) { body, err = io.ReadAll(r.Body) }), func(b *bubble) {
				b.feed("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
				c.then(b)
				b.settle()
				if string(body) != "abc" || err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("read %q, %v", body, err)
				}
			})
		})
	}
}

// TestExpect sends 100 Continue when the body is first read, and not before.
func TestExpect(t *testing.T) {
	var goOn chan bool
	read := false
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		if <-goOn {
			n, err := io.Copy(io.Discard, r.Body)
			read = n == 3 && err == nil
		}
	})
	inBubble(t, s, func(b *bubble) {
		goOn = make(chan bool)
		b.feed(request("POST", "/", "Expect: 100-continue\r\nContent-Length: 3\r\n", ""))
		b.want("output", b.output(), "")
		goOn <- true
		b.want("output", b.output(), "HTTP/1.1 100 Continue\r\n\r\n")
		b.feed("abc")
		b.want("read", read, true)
		if resp, _ := b.response("POST"); resp.Close {
			t.Error("the connection closes")
		}
		b.feed(request("POST", "/", "Expect: 100-continue\r\nContent-Length: 3\r\n", ""))
		goOn <- false
		if resp, _ := b.response("POST"); resp.StatusCode != 200 || !resp.Close {
			t.Error("the connection goes on, and nobody knows whether the body will come")
		}
		b.want("closed", b.Closed(), true)
	})
}

// TestHandlers bounds the handlers that run at a time. The others begin in order.
func TestHandlers(t *testing.T) {
	var order []string
	var done chan bool
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		order = append(order, r.URL.Path)
		<-done
	})
	s.Handlers = 2
	inBubble(t, s, func(b *bubble) {
		done = make(chan bool)
		all := []*bubble{b}
		for range 4 {
			all = append(all, b.another(s))
		}
		for i, b := range all {
			b.feed(request("GET", fmt.Sprint("/", i), "", "") + request("GET", fmt.Sprint("/", i, "b"), "", ""))
		}
		b.want("running", order, "[/0 /1]")
		all[3].Break(io.ErrClosedPipe) // while it waits
		done <- true
		b.settle()
		b.want("running", order, "[/0 /1 /2]")
		for range 7 {
			done <- true
			b.settle()
		}
		b.want("order", order, "[/0 /1 /2 /4 /0b /1b /2b /4b]")
	})
}

// TestPanics closes the connections of handlers that panic, and says so but for http.ErrAbortHandler.
func TestPanics(t *testing.T) {
	for name, c := range map[string]struct {
		f      func(w http.ResponseWriter)
		log    string
		output string
	}{
		"value": {func(http.ResponseWriter) { panic("intended") }, "intended", ""},
		"error": {func(http.ResponseWriter) { panic(io.ErrNoProgress) }, io.ErrNoProgress.Error(), ""},
		"nil":   {func(http.ResponseWriter) { panic(nil) }, "panic called with nil", ""}, //nolint
		"abort": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, "", ""},
		"exit":  {func(http.ResponseWriter) { runtime.Goexit() }, "", ""},
		"abort behind bytes": {func(w http.ResponseWriter) {
			w.Header().Set("Date", "now")
			w.Header().Set("Content-Type", "x")
			io.WriteString(w, "abc")
			w.(http.Flusher).Flush()
			io.WriteString(w, "def")
			panic(http.ErrAbortHandler)
		}, "", "HTTP/1.1 200 OK\r\nContent-Type: x\r\nDate: now\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc"},
	} {
		t.Run(name, func(t *testing.T) {
			s := handler(func(w http.ResponseWriter, _ *http.Request) { c.f(w) })
			s.Handlers = 1
			inBubble(t, s, func(b *bubble) {
				b.feed(get())
				b.want("output", b.output(), c.output)
				b.want("closed", b.Closed(), true)
				log := b.log.String()
				if !strings.Contains(log, c.log) || c.log == "" && log != "" || c.log != "" && !strings.Contains(log, "handlers_test.go") {
					t.Errorf("logged %s", log)
				}
				cause := b.Cause()
				var p *nethttp.PanicError
				if cause == nil || errors.As(cause, &p) != (c.log != "") || strings.HasPrefix(name, "abort") != errors.Is(cause, http.ErrAbortHandler) ||
					name == "error" != errors.Is(cause, io.ErrNoProgress) {
					t.Errorf("the cause is %v", cause)
				}
				other := b.another(s) // the place of the handler is free
				other.feed(get())
				b.want("another", other.Closed(), true)
			})
		})
	}
}

// TestAborts resets a connection whose end would look like that of a body.
func TestAborts(t *testing.T) {
	s := handler(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "abc")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	inBubble(t, s, func(b *bubble) {
		b.feed("GET / HTTP/1.0\r\n\r\n")
		b.want("aborted", b.Aborted(), true)
	})
}

// TestReadDeadline gives up waiting for a body, and closes the connection behind the answer.
func TestReadDeadline(t *testing.T) {
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		if err := rc.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Error(err)
		}
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, errors.Is(err, os.ErrDeadlineExceeded))
		rc.SetReadDeadline(time.Time{})
		if _, err := r.Body.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the deadline was moved after it had passed: %v", err)
		}
	})
	inBubble(t, s, func(b *bubble) {
		b.feed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc")
		b.want("output", b.output(), "")
		<-time.After(time.Second)
		resp, body := b.response("POST")
		b.want("body", body, "3 true")
		b.want("close", resp.Close, true)
		b.want("closed", b.Closed(), true)
	})
}

// TestWriteDeadline gives up on a peer that does not take the response: in a write, and behind the last one.
func TestWriteDeadline(t *testing.T) {
	for _, size := range []int{100, 200 << 10, 1 << 20} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			var failed error
			s := handler(func(w http.ResponseWriter, r *http.Request) {
				if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
					t.Error(err)
				}
				for n := 0; n < size && failed == nil; n += 1000 {
					_, failed = w.Write(make([]byte, 1000))
				}
				if size == 100 {
					<-time.After(2 * time.Second)
				}
			})
			inBubble(t, s, func(b *bubble) {
				b.Stall()
				b.feed(get())
				<-time.After(3 * time.Second)
				b.settle()
				b.want("closed", b.Closed(), true)
				if size == 1<<20 != errors.Is(failed, os.ErrDeadlineExceeded) {
					t.Errorf("Write returned %v", failed)
				}
				if !errors.Is(b.Cause(), os.ErrDeadlineExceeded) {
					t.Errorf("the cause is %v", b.Cause())
				}
				b.Unstall()
			})
		})
	}
}

// TestDeadlineInTime has a response that is sent in time, on a connection that goes on.
func TestDeadlineInTime(t *testing.T) {
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		rc.SetWriteDeadline(time.Now().Add(time.Second))
		rc.SetReadDeadline(time.Now().Add(time.Second))
		rc.EnableFullDuplex()
		io.Copy(w, r.Body)
	})
	inBubble(t, s, func(b *bubble) {
		for range 3 {
			for _, n := range []int{10, 100000} {
				b.feed(post("", strings.Repeat("x", n)))
				_, body := b.response("POST")
				b.want("length", len(body), n)
				<-time.After(2 * time.Second)
			}
		}
		b.want("closed", b.Closed(), false)
	})
}

// TestBehindTheHandler uses a response and a body whose handler has returned.
func TestBehindTheHandler(t *testing.T) {
	var w http.ResponseWriter
	var r *http.Request
	inBubble(t, handler(func(rw http.ResponseWriter, req *http.Request) { w, r = rw, req }), func(b *bubble) {
		b.feed(post("", "abc"))
		b.response("POST")
		if n, err := w.Write([]byte("late")); n != 0 || err == nil {
			t.Error(n, err)
		}
		if err := http.NewResponseController(w).Flush(); err == nil {
			t.Error("Flush has worked")
		}
		if n, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader(strings.Repeat("x", 10000))); n != 0 || err == nil {
			t.Error(n, err)
		}
		if _, err := r.Body.Read(make([]byte, 1)); !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Error(err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("Hijack has not panicked")
				}
			}()
			w.(http.Hijacker).Hijack()
		}()
		b.feed(get())
		b.response("GET")
		b.want("output", b.output(), "")
	})
}

// TestRefusedCall has a loop with too many calls waiting, so that an answer does not reach it: the connection closes.
func TestRefusedCall(t *testing.T) {
	var goOn chan bool
	for _, size := range []int{10, 10000} {
		s := handler(func(w http.ResponseWriter, r *http.Request) {
			<-goOn
			write(w, size, 1000)
		})
		inBubble(t, s, func(b *bubble) {
			goOn = make(chan bool)
			b.feed(get())
			for full := false; !full; {
				b.Loop.Do(func(err error) { full = full || err != nil })
			}
			goOn <- true
			synctest.Wait()
			b.settle()
			b.want("closed", b.Closed(), true)
			b.want("cause", errors.Is(b.Cause(), channel.ErrRemoteFull), true)
		})
	}
}

// TestOneAtATime has a response end before its handler: the next request waits for the handler.
func TestOneAtATime(t *testing.T) {
	running, most := 0, 0
	var done chan bool
	s := handler(func(w http.ResponseWriter, r *http.Request) {
		running++
		most = max(most, running)
		w.WriteHeader(204)
		w.(http.Flusher).Flush()
		<-done
		running--
	})
	inBubble(t, s, func(b *bubble) {
		done = make(chan bool)
		b.feed(get() + get() + get())
		for range 3 {
			done <- true
			b.settle()
		}
		b.want("responses", strings.Count(b.output(), "HTTP/1.1 204"), 3)
		b.want("at a time", most, 1)
	})
}
