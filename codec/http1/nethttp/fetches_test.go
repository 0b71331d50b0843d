package nethttp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/codec/http1/nethttp"
	"github.com/ropewalk/ropewalk/transport"
)

// newTransport returns one of ours, on loops and a pool of its own.
func newTransport(t *testing.T) *nethttp.Transport {
	c := &transport.Client{Pool: buffertest.Pool(t), Logger: slog.New(slog.DiscardHandler)}
	ours := &nethttp.Transport{Dial: c.Dial}
	t.Cleanup(func() {
		ours.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			t.Error(err)
		}
		for pumping() { // a goroutine that was reading the body of a request may just be giving its buffer back
			if runtime.Gosched(); ctx.Err() != nil {
				t.Error("a goroutine is left that reads the body of a request")
				return
			}
		}
	})
	return ours
}

// pumping tells whether a goroutine reads the body of a request.
func pumping() bool {
	stacks := make([]byte, 1<<20)
	return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("(*fetch).pump"))
}

// A trip is a request, which both transports make to the same server, with the same outcome.
type trip struct {
	name   string
	method string
	path   string
	header http.Header
	body   func() io.Reader // nil means none
	edit   func(r *http.Request)
	but    []string // see row
}

// outcome is what comes of a request.
func outcome(rt http.RoundTripper, url string, tr trip) string {
	var out strings.Builder
	var body io.Reader
	if tr.body != nil {
		body = tr.body()
	}
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			fmt.Fprintln(&out, "hint", code, h)
			return nil
		},
	})
	r, err := http.NewRequestWithContext(ctx, tr.method, url+tr.path, body)
	if err != nil {
		return err.Error()
	}
	maps.Copy(r.Header, tr.header)
	r.Header.Set("Accept-Encoding", "identity") // ours does not ask for gzip
	if tr.edit != nil {
		tr.edit(r)
	}
	resp, err := rt.RoundTrip(r)
	if err != nil {
		fmt.Fprintf(&out, "error")
	} else {
		fmt.Fprintf(&out, "%s %s %d.%d length %d coding %v close %v none %v\n", resp.Status, resp.Proto, resp.ProtoMajor, resp.ProtoMinor,
			resp.ContentLength, resp.TransferEncoding, resp.Close, resp.Body == http.NoBody)
		for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
			if name != "Date" {
				fmt.Fprintf(&out, "%s: %q\n", name, resp.Header[name])
			}
		}
		fmt.Fprintf(&out, "announced %v\n", slices.Sorted(maps.Keys(resp.Trailer)))
		b, err := io.ReadAll(resp.Body)
		fmt.Fprintf(&out, "body %d %s failed %v\n", len(b), brief(b), err != nil)
		for _, name := range slices.Sorted(maps.Keys(resp.Trailer)) {
			fmt.Fprintf(&out, "trailer %s: %q\n", name, resp.Trailer[name])
		}
		if resp.Request != r {
			fmt.Fprintln(&out, "Request is another one")
		}
		resp.Body.Close()
	}
	return out.String()
}

func text(s string) func() io.Reader { return func() io.Reader { return strings.NewReader(s) } }

// stream is a body whose length is not known.
func stream(s string) func() io.Reader {
	return func() io.Reader { return reader{strings.NewReader(s)} }
}

// silent is about 100 Continue, of which the http1 stage does not tell.
var silent = []string{"hint 100 map[]\n", ""}

// TestTrips compares our Transport to that of net/http.
func TestTrips(t *testing.T) {
	large := strings.Repeat("0123456789", 100000)
	mux := http.NewServeMux()
	mux.HandleFunc("/dump", func(w http.ResponseWriter, r *http.Request) { dump(w, r, nil) })
	mux.HandleFunc("/connect", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403); dump(w, r, nil) })
	mux.HandleFunc("/204", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	mux.HandleFunc("/304", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Etag", "x"); w.WriteHeader(304) })
	mux.HandleFunc("/empty", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("/large", func(w http.ResponseWriter, r *http.Request) { write(w, 1<<20, 10000) })
	mux.HandleFunc("/length", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		write(w, 100000, 1000)
	})
	mux.HandleFunc("/close", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		write(w, 100000, 1000)
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		write(w, 50000, 1000)
	})
	mux.HandleFunc("/abort", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/aborts", func(w http.ResponseWriter, r *http.Request) { write(w, 50000, 1000); panic(http.ErrAbortHandler) })
	mux.HandleFunc("/trailer", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "A, B")
		write(w, 5000, 1000)
		w.Header().Set("A", "1")
		w.Header().Set(http.TrailerPrefix+"C", "3")
	})
	mux.HandleFunc("/hints", func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			w.Header().Set("N", fmt.Sprint(i))
			w.WriteHeader(103)
		}
	})
	mux.HandleFunc("/fields", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Set-Cookie"] = []string{"a=b", "c=d"}
		w.Header()["lower"] = []string{"x"}
		w.Header().Set("Pragma", "no-cache")
		w.Header().Set("X", "\xff\xc3\xa4")
	})
	mux.HandleFunc("/ignore", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ignored") })
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Write(b)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	reference := &http.Transport{}
	defer reference.CloseIdleConnections()
	ours := newTransport(t)

	set := func(name string, values ...string) http.Header { return http.Header{name: values} }
	for _, tr := range []trip{
		{name: "GET", method: "GET", path: "/dump?a=b%20c"},
		{name: "no method", method: "", path: "/dump"},
		{name: "HEAD", method: "HEAD", path: "/large"},
		{name: "HEAD with length", method: "HEAD", path: "/length"},
		{name: "HEAD of nothing", method: "HEAD", path: "/empty"},
		{name: "OPTIONS", method: "OPTIONS", path: "/dump"},
		{name: "own method", method: "M-SEARCH", path: "/dump"},
		{name: "no path", method: "GET"},
		{name: "odd path", method: "GET", path: "/dump/../dump;a=b?x=%zz"},
		{name: "204", method: "GET", path: "/204"},
		{name: "304", method: "GET", path: "/304"},
		{name: "empty", method: "GET", path: "/empty"},
		{name: "large", method: "GET", path: "/large"},
		{name: "length", method: "GET", path: "/length"},
		{name: "close", method: "GET", path: "/close"},
		{name: "broken", method: "GET", path: "/broken"},
		{name: "abort", method: "GET", path: "/abort"},
		{name: "aborts", method: "GET", path: "/aborts"},
		{name: "trailer", method: "GET", path: "/trailer"},
		{name: "hints", method: "GET", path: "/hints"},
		{name: "fields", method: "GET", path: "/fields"},
		{name: "POST nothing", method: "POST", path: "/dump"},
		{name: "POST", method: "POST", path: "/dump", body: text("abc")},
		{name: "POST large", method: "POST", path: "/echo", body: text(large)},
		{name: "POST stream", method: "POST", path: "/dump", body: stream("abc")},
		{name: "POST large stream", method: "POST", path: "/echo", body: stream(large)},
		{name: "POST empty stream", method: "POST", path: "/dump", body: stream("")},
		{name: "GET with stream", method: "GET", path: "/dump", body: stream("abc")},
		{name: "GET with empty stream", method: "GET", path: "/dump", body: stream("")},
		{name: "GET with body", method: "GET", path: "/dump", body: text("abc")},
		{name: "DELETE with body", method: "DELETE", path: "/dump", body: text("abc")},
		{name: "NoBody", method: "PUT", path: "/dump", edit: func(r *http.Request) { r.Body = http.NoBody }},
		{name: "length of a stream", method: "PUT", path: "/dump", body: stream("abc"), edit: func(r *http.Request) { r.ContentLength = 3 }},
		{name: "length too large", method: "PUT", path: "/dump", body: text("abc"), edit: func(r *http.Request) { r.ContentLength = 5 }},
		{name: "length too small", method: "PUT", path: "/dump", body: text("abc"), edit: func(r *http.Request) { r.ContentLength = 2 }},
		{name: "length of a stream too large", method: "PUT", path: "/dump", body: stream("abc"), edit: func(r *http.Request) { r.ContentLength = 5 }},
		{name: "body that fails", method: "PUT", path: "/dump", body: func() io.Reader { return io.MultiReader(reader{strings.NewReader("abc")}, failing{}) }},
		{name: "body that fails at once", method: "GET", path: "/dump", body: func() io.Reader { return reader{failing{}} }},
		{name: "trailer of a request", method: "POST", path: "/dump", body: stream("abc"), edit: func(r *http.Request) {
			r.Trailer = http.Header{"A": {"1"}, "B": {"2", "3"}, "C": nil}
		}},
		{name: "trailer without chunks", method: "POST", path: "/dump", body: text("abc"), edit: func(r *http.Request) { r.Trailer = http.Header{"A": {"1"}} }},
		{name: "host", method: "GET", path: "/dump", edit: func(r *http.Request) { r.Host = "other.org:1" }},
		{name: "agent", method: "GET", path: "/dump", header: set("User-Agent", "me")},
		{name: "no agent", method: "GET", path: "/dump", header: set("User-Agent", "")},
		{name: "fields of a request", method: "GET", path: "/dump", header: http.Header{"A": {"1", "2"}, "lower": {"x"}, "Cookie": {"a=b"}}},
		{name: "fields that are not sent", method: "GET", path: "/dump", header: http.Header{"Host": {"x"}, "Content-Length": {"5"}, "Transfer-Encoding": {"x"}, "Trailer": {"x"}}},
		{name: "Close", method: "GET", path: "/dump", edit: func(r *http.Request) { r.Close = true }},
		{name: "Connection: close", method: "GET", path: "/dump", header: set("Connection", "close")},
		{name: "credentials", method: "GET", path: "/dump", edit: func(r *http.Request) { r.SetBasicAuth("a", "b") }},
		{name: "expectation", method: "POST", path: "/echo", body: text("abc"), header: set("Expect", "100-continue"), but: silent},
		{name: "expectation of a stream", method: "POST", path: "/echo", body: stream(large), header: set("Expect", "100-continue"), but: silent},
		{name: "ignored body", method: "POST", path: "/ignore", body: text("abc")},
		{name: "opaque", method: "GET", path: "/", edit: func(r *http.Request) { r.URL.Opaque = "/dump?opaque" }},
		{name: "bad name", method: "GET", path: "/dump", header: set("a b", "c")},
		{name: "bad value", method: "GET", path: "/dump", header: set("A", "b\r\nc: d")},
		{name: "bad trailer", method: "POST", path: "/dump", body: stream("x"), edit: func(r *http.Request) { r.Trailer = http.Header{"a b": nil} }},
		{name: "bad method", method: "GET", path: "/dump", body: stream("x"), edit: func(r *http.Request) { r.Method = "G T" }},
		{name: "bad scheme", method: "GET", path: "/dump", body: stream("x"), edit: func(r *http.Request) { r.URL.Scheme = "ftp" }},
		{name: "no host", method: "GET", path: "/dump", body: stream("x"), edit: func(r *http.Request) { r.URL.Host = "" }},
		{name: "no header", method: "GET", path: "/dump", body: stream("x"), edit: func(r *http.Request) { r.Header = nil }},
		{name: "no URL", method: "GET", path: "/dump", body: stream("x"), edit: func(r *http.Request) { r.URL = nil }},
		{name: "nil body with length", method: "PUT", path: "/dump", edit: func(r *http.Request) { r.ContentLength = 3 }},
		{name: "nobody listens", method: "PUT", path: "/dump", body: text("x"), edit: func(r *http.Request) { r.URL.Host = "127.0.0.1:1" }},
		{name: "cancelled before", method: "PUT", path: "/dump", body: text("x"), edit: func(r *http.Request) {
			ctx, cancel := context.WithCancel(r.Context())
			cancel()
			*r = *r.WithContext(ctx)
		}},
	} {
		t.Run(tr.name, func(t *testing.T) {
			want := outcome(reference, server.URL, tr)
			for i := 0; i+1 < len(tr.but); i += 2 {
				want = strings.ReplaceAll(want, tr.but[i], tr.but[i+1])
			}
			for range 2 { // on a fresh connection, and on one that was used
				if got := outcome(ours, server.URL, tr); got != want {
					t.Errorf("net/http:\n%s\nours:\n%s", want, got)
				}
			}
		})
	}
}

// TestAnswersOfOthers compares what both transports make of responses that servers of net/http do not give.
func TestAnswersOfOthers(t *testing.T) {
	reference := &http.Transport{}
	defer reference.CloseIdleConnections()
	p, ours := listenAsPeer(t), newTransport(t)
	for name, c := range map[string]struct{ method, answer string }{
		"a length twice":         {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"},
		"HEAD, a length twice":   {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n"},
		"HEAD, chunks":           {"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n"},
		"HEAD, nothing":          {"HEAD", "HTTP/1.1 200 OK\r\n\r\n"},
		"no trailer after all":   {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n2\r\nok\r\n0\r\n\r\n"},
		"a status of its own":    {"GET", "HTTP/1.1 299 Well: done\r\nContent-Length: 0\r\n\r\n"},
		"nothing":                {"GET", ""},
		"nothing for POST":       {"POST", ""},
		"304 with a length":      {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"},
		"six informational ones": {"GET", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 6) + ok},
	} {
		t.Run(name, func(t *testing.T) {
			var got [2]string
			for i, rt := range []http.RoundTripper{reference, ours} {
				done := send(rt, c.method, p.url, "", func(r *http.Request) { r.Close = true })
				conn := p.accept()
				conn.exchange(t, c.method+" / ", c.answer)
				conn.Close()
				switch r := <-done; {
				case r.resp == nil:
					got[i] = fmt.Sprint("error, and it is EOF: ", errors.Is(r.err, io.EOF))
				default:
					got[i] = fmt.Sprint(r.resp.Status, r.resp.ContentLength, r.resp.TransferEncoding, r.resp.Header, r.resp.Trailer, r.body, r.err)
				}
			}
			if got[0] != got[1] {
				t.Errorf("net/http: %s\nours: %s", got[0], got[1])
			}
		})
	}
}
