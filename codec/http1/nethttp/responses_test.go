package nethttp_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// answer is a handler that does not look at the request.
func answer(f func(w http.ResponseWriter)) func(http.ResponseWriter, *http.Request, notes) {
	return func(w http.ResponseWriter, _ *http.Request, _ notes) { f(w) }
}

// write writes n bytes, in pieces.
func write(w io.Writer, n, each int) {
	text := bytes.Repeat([]byte("some text. "), each/11+1)
	for n > 0 {
		m := min(n, each)
		w.Write(text[:m])
		n -= m
	}
}

// TestResponses compares what handlers write with what arrives.
func TestResponses(t *testing.T) {
	rows := []row{
		{name: "nothing", handle: answer(func(w http.ResponseWriter) {})},
		{name: "204", handle: answer(func(w http.ResponseWriter) { w.WriteHeader(204) })},
		{name: "204 with fields of a body", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "3")
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(204)
		})},
		{name: "304", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "3")
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("ETag", `"x"`)
			w.WriteHeader(304)
		})},
		{name: "205", handle: answer(func(w http.ResponseWriter) { w.WriteHeader(205) })},
		{name: "201 with body", handle: answer(func(w http.ResponseWriter) { w.WriteHeader(201); io.WriteString(w, "made") })},
		{name: "499", handle: answer(func(w http.ResponseWriter) { w.WriteHeader(499); io.WriteString(w, "gone") })},
		{name: "599", handle: answer(func(w http.ResponseWriter) { w.WriteHeader(599) })},
		{name: "Error", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "5")
			http.Error(w, "no", 404)
		})},
		{name: "Redirect", handle: func(w http.ResponseWriter, r *http.Request, _ notes) { http.Redirect(w, r, "/x?y#z", http.StatusFound) }},
		{name: "HTML", handle: answer(func(w http.ResponseWriter) { io.WriteString(w, "<html>") })},
		{name: "HTML in two writes", handle: answer(func(w http.ResponseWriter) { io.WriteString(w, "<ht"); io.WriteString(w, "ml>") })},
		{name: "PNG", handle: answer(func(w http.ResponseWriter) { io.WriteString(w, "\x89PNG\r\n\x1a\n") })},
		{name: "own type", handle: answer(func(w http.ResponseWriter) { w.Header().Set("content-type", "x/y"); io.WriteString(w, "<html>") })},
		{name: "no type", handle: answer(func(w http.ResponseWriter) { w.Header()["Content-Type"] = nil; io.WriteString(w, "<html>") })},
		{name: "empty type", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Content-Type", ""); io.WriteString(w, "<html>") })},
		{name: "type set too late", handle: answer(func(w http.ResponseWriter) {
			w.WriteHeader(200)
			w.Header().Set("Content-Type", "x/y")
			io.WriteString(w, "<html>")
		})},
		{name: "encoded", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "br")
			io.WriteString(w, "<html>")
		})},
		{name: "encoding that is none", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "")
			io.WriteString(w, "<html>")
		})},
		{name: "type of a large body", handle: answer(func(w http.ResponseWriter) { io.WriteString(w, "<html>"); write(w, 5000, 5000) })},
		{name: "fields after the first write", handle: answer(func(w http.ResponseWriter) {
			io.WriteString(w, "a")
			w.Header().Set("A", "b")
		})},
		{name: "fields after WriteHeader", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("A", "b")
			w.WriteHeader(200)
			w.Header().Set("A", "c")
			w.Header().Set("B", "c")
		})},
		{name: "fields after a flush", handle: answer(func(w http.ResponseWriter) {
			w.(http.Flusher).Flush()
			w.Header().Set("A", "c")
		})},
		{name: "WriteHeader twice", handle: answer(func(w http.ResponseWriter) { w.WriteHeader(201); w.WriteHeader(404) })},
		{name: "WriteHeader behind Write", handle: answer(func(w http.ResponseWriter) { io.WriteString(w, "a"); w.WriteHeader(404) })},
		{name: "fields that are none", handle: answer(func(w http.ResponseWriter) {
			w.Header()["bad name"] = []string{"x"}
			w.Header()[""] = []string{"x"}
			w.Header()["A:"] = []string{"x"}
			w.Header().Set("B", "x\r\nInjected: y")
			w.Header().Set("C", "  spaces \t")
			w.Header().Set("D", "\n")
			w.Header()["lower"] = []string{"x", "y"}
			w.Header().Add("Set-Cookie", "a=b")
			w.Header().Add("Set-Cookie", "c=d")
			w.Header()["None"] = nil
		})},
		{name: "control bytes in a field", handle: answer(func(w http.ResponseWriter) { w.Header().Set("A", "x\x01y\x7fz") }),
			but: []string{"end\n", "200 length 0 coding [] close false\n  A: x y z\n  Content-Length: 0\n" + probed}}, // Go's client refuses it
		{name: "many fields", handle: answer(func(w http.ResponseWriter) {
			for i := range 60 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("v", i*3))
			}
		})},
		{name: "large fields", handle: answer(func(w http.ResponseWriter) { w.Header().Set("A", strings.Repeat("v", 50000)) })},
		{name: "own Date and Server", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Date", "never")
			w.Header().Set("Server", "me")
		})},
		{name: "close", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Connection", "close"); io.WriteString(w, "a") })},
		{name: "close, with large body", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Connection", "close"); write(w, 100000, 1000) })},
		{name: "close to a client that closes", in: get("Connection: close\r\n"), handle: answer(func(w http.ResponseWriter) { write(w, 100000, 1000) })},
		{name: "length", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Content-Length", "3"); io.WriteString(w, "abc") })},
		{name: "length of nothing", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Content-Length", "0") })},
		{name: "length of a large body", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "5000000")
			write(w, 5000000, 100000)
		})},
		{name: "length too large", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Content-Length", "5"); io.WriteString(w, "abc") })},
		{name: "length too large, flushed", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "5")
			io.WriteString(w, "abc")
			w.(http.Flusher).Flush()
		})},
		{name: "length too large, nothing", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Content-Length", "5") })},
		{name: "length too small", handle: func(w http.ResponseWriter, _ *http.Request, note notes) {
			w.Header().Set("Content-Length", "5")
			n, err := io.WriteString(w, "abc")
			note("%d %v", n, err)
			n, err = io.WriteString(w, "def")
			note("%d %v", n, err)
		}},
		{name: "length too small by one write", handle: func(w http.ResponseWriter, _ *http.Request, note notes) {
			w.Header().Set("Content-Length", "5")
			n, err := w.Write(make([]byte, 5000))
			note("%d %v", n, err)
		}},
		{name: "length that is none", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Content-Length", "abc"); io.WriteString(w, "abc") }), but: unlisted},
		{name: "negative length", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Content-Length", "-1"); io.WriteString(w, "abc") }), but: unlisted},
		{name: "own chunks", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Transfer-Encoding", "chunked"); io.WriteString(w, "abc") })},
		{name: "own chunks and length", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Transfer-Encoding", "chunked")
			w.Header().Set("Content-Length", "3")
			io.WriteString(w, "abc")
		})},
		{name: "flush", handle: answer(func(w http.ResponseWriter) { w.(http.Flusher).Flush() })},
		{name: "flush and write", handle: answer(func(w http.ResponseWriter) { w.(http.Flusher).Flush(); io.WriteString(w, "abc") })},
		{name: "write and flush", handle: answer(func(w http.ResponseWriter) { io.WriteString(w, "abc"); w.(http.Flusher).Flush() })},
		{name: "flushes", handle: answer(func(w http.ResponseWriter) {
			for range 100 {
				io.WriteString(w, "abc")
				w.(http.Flusher).Flush()
				w.(http.Flusher).Flush()
			}
		})},
		{name: "flush of 204", handle: answer(func(w http.ResponseWriter) { w.WriteHeader(204); w.(http.Flusher).Flush() })},
		{name: "write to 204", handle: func(w http.ResponseWriter, _ *http.Request, note notes) {
			w.WriteHeader(204)
			n, err := w.Write([]byte("abc"))
			note("%d %v", n, err)
			n, err = w.Write(nil)
			note("%d %v", n, err)
		}},
		{name: "write to 304", handle: func(w http.ResponseWriter, _ *http.Request, note notes) {
			w.WriteHeader(304)
			n, err := w.Write(make([]byte, 5000))
			note("%d %v", n, err)
		}},
		{name: "early hints", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Link", "</a>")
			w.WriteHeader(103)
			w.Header().Add("Link", "</b>")
			w.Header().Set("Content-Length", "3")
			w.WriteHeader(103)
			w.WriteHeader(102)
			io.WriteString(w, "abc")
		})},
		{name: "100 that nobody has asked for", handle: answer(func(w http.ResponseWriter) { w.WriteHeader(100) })},
		{name: "trailer", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Trailer", "A, b")
			w.Header().Add("Trailer", "C")
			io.WriteString(w, "abc")
			w.Header().Set("A", "1")
			w.Header().Add("B", "2")
			w.Header().Add("B", "3\r\nX: y")
			w.Header().Set("D", "not declared")
		})},
		{name: "trailer behind nothing", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Trailer", "A")
			w.WriteHeader(200)
			w.Header().Set("A", "1")
		})},
		{name: "trailer by prefix", handle: answer(func(w http.ResponseWriter) {
			w.(http.Flusher).Flush()
			w.Header().Set(http.TrailerPrefix+"A", "1")
			io.WriteString(w, "abc")
		})},
		{name: "trailer by prefix, before", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set(http.TrailerPrefix+"A", "1")
			io.WriteString(w, "abc")
		})},
		{name: "trailer by prefix, too late", handle: answer(func(w http.ResponseWriter) {
			io.WriteString(w, "abc")
			w.Header().Set(http.TrailerPrefix+"A", "1")
		})},
		{name: "trailer of both kinds", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Trailer", "A")
			write(w, 5000, 1000)
			w.Header().Set("A", "1")
			w.Header().Set(http.TrailerPrefix+"B", "2")
		})},
		{name: "trailer and length", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Trailer", "A")
			w.Header().Set("Content-Length", "3")
			io.WriteString(w, "abc")
			w.Header().Set("A", "1")
		})},
		{name: "panic", handle: answer(func(w http.ResponseWriter) { panic("intended") })},
		{name: "panic behind a write", handle: answer(func(w http.ResponseWriter) { io.WriteString(w, "abc"); panic("intended") })},
		{name: "panic behind a flush", handle: answer(func(w http.ResponseWriter) {
			io.WriteString(w, "abc")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		})},
		{name: "panic in a body with length", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100000")
			write(w, 50000, 50000)
			panic(http.ErrAbortHandler)
		})},
		{name: "status that is none", handle: func(w http.ResponseWriter, _ *http.Request, note notes) {
			defer func() { note("%v", recover() != nil) }()
			w.WriteHeader(99)
		}},
		{name: "TimeoutHandler", handle: func(w http.ResponseWriter, r *http.Request, _ notes) {
			http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
			}), time.Millisecond, "too late").ServeHTTP(w, r)
		}},
	}
	for _, n := range []int{1, 511, 512, 513, 2047, 2048, 2049, 4095, 4096, 4097, 10000, 70000, 1 << 20} {
		for _, each := range []int{n, 100, 3000} {
			if each > n || n > 10000 && each == 100 {
				continue
			}
			rows = append(rows, row{name: fmt.Sprintf("%d bytes in pieces of %d", n, each),
				handle: answer(func(w http.ResponseWriter) { write(w, n, each) })})
		}
	}
	for i := range rows {
		if rows[i].in == "" {
			rows[i].in = get()
		}
	}
	table(t, rows)
}

// unlisted is for a Content-Length that is none: net/http forgets then to find out the right one.
var unlisted = []string{"length -1 coding [chunked] close false\n", "length 3 coding [] close false\n  Content-Length: 3\n"}

const probed = "200 length 5 coding [] close true\n  Content-Length: 5\n  Content-Type: text/plain; charset=utf-8\n  body 5 \"probe\"\nmore responses than requests\n"

// TestHeads compares answers to HEAD, and to HTTP/1.0.
func TestHeads(t *testing.T) {
	handlers := []row{
		{name: "nothing", handle: answer(func(w http.ResponseWriter) {})},
		{name: "WriteHeader", handle: answer(func(w http.ResponseWriter) { w.WriteHeader(404) })},
		{name: "small", handle: answer(func(w http.ResponseWriter) { io.WriteString(w, "<html>") })},
		{name: "large", handle: func(w http.ResponseWriter, _ *http.Request, note notes) {
			for range 10 {
				n, err := w.Write(make([]byte, 1000))
				note("%d %v", n, err)
			}
			n, err := w.Write(make([]byte, 100000))
			note("%d %v", n, err)
		}},
		{name: "length", handle: answer(func(w http.ResponseWriter) { w.Header().Set("Content-Length", "12345") })},
		{name: "length and all of the body", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "12345")
			write(w, 12345, 1000)
		})},
		{name: "flush", handle: answer(func(w http.ResponseWriter) {
			io.WriteString(w, "abc")
			w.(http.Flusher).Flush()
			io.WriteString(w, "def")
		})},
		{name: "204", handle: answer(func(w http.ResponseWriter) { w.WriteHeader(204) })},
		{name: "trailer", handle: answer(func(w http.ResponseWriter) {
			w.Header().Set("Trailer", "A")
			io.WriteString(w, "abc")
			w.Header().Set("A", "b")
		})},
		{name: "ServeContent", handle: func(w http.ResponseWriter, r *http.Request, _ notes) {
			http.ServeContent(w, r, "a.txt", time.Time{}, strings.NewReader(strings.Repeat("x", 10000)))
		}},
	}
	hints := answer(func(w http.ResponseWriter) { w.Header().Set("A", "b"); w.WriteHeader(103) })
	panics := answer(func(w http.ResponseWriter) {
		io.WriteString(w, "abc")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	rows := []row{
		{name: "HEAD, early hints", in: request("HEAD", "/", "", ""), handle: hints},
		// RFC 9110 section 15.2: a server must not send it to such a client.
		{name: "1.0, early hints", in: "GET / HTTP/1.0\r\n\r\n", handle: hints, but: []string{"103\n  A: b\n", ""}},
		// With HTTP/1.0 what net/http does looks like the end of the body; ours is a reset, see TestAborts.
		{name: "HEAD, panic behind a flush", in: request("HEAD", "/", "", ""), handle: panics},
	}
	for _, h := range handlers {
		for name, in := range map[string]string{
			"HEAD": request("HEAD", "/", "", ""), "HEAD, close": request("HEAD", "/", "Connection: close\r\n", ""),
			"1.0": "GET / HTTP/1.0\r\n\r\n", "1.0 keep-alive": "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			"1.0 HEAD": "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
		} {
			rows = append(rows, row{name: name + ", " + h.name, in: in, handle: h.handle})
		}
	}
	table(t, rows)
}
