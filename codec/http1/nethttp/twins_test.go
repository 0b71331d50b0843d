package nethttp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/codec/http1/nethttp"
	"github.com/ropewalk/ropewalk/transport"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// A row is a handler, and what a client sends to it. It is played against net/http's own server and ours, with the same
// outcome.
type row struct {
	name   string
	in     string // raw requests
	handle func(w http.ResponseWriter, r *http.Request, note notes)
	// but says what our server does otherwise, and why: what is to be replaced in the outcome of net/http, and by what.
	but []string
}

// notes is where a handler writes what it has seen that the client does not get.
type notes func(format string, args ...any)

// probe follows all requests: whether it is answered tells whether the connection went on.
const probe = "GET /probe HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

// A host is one of the two servers.
type host struct {
	addr string

	mu     sync.Mutex
	handle func(w http.ResponseWriter, r *http.Request, note notes)
	noted  []string
	busy   int // handlers
	idle   sync.Cond
}

func newHost() *host {
	h := new(host)
	h.idle.L = &h.mu
	return h
}

// ServeHTTP implements http.Handler.
func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.busy++
	handle := h.handle
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.busy--
		h.idle.Broadcast()
	}()
	if r.URL.Path == "/probe" {
		io.WriteString(w, "probe")
		return
	}
	handle(w, r, h.note)
}

func (h *host) note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.noted = append(h.noted, fmt.Sprintf(format, args...))
}

// twins starts both servers.
func twins(t *testing.T) (reference, ours *host) {
	reference, ours = newHost(), newHost()
	s := httptest.NewUnstartedServer(reference)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	reference.addr = s.Listener.Addr().String()
	ours.addr = serve(t, &nethttp.Server{Handler: ours})
	return reference, ours
}

// serve starts a server of ours, on a pool that must be empty when the test has ended.
func serve(t *testing.T, s *nethttp.Server) string {
	pool := buffertest.Pool(t)
	return serveOn(t, s, pool, 2)
}

func serveOn(t *testing.T, s *nethttp.Server, pool *buffer.Pool, loops int) string {
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	quiet := slog.New(slog.DiscardHandler)
	tr := &transport.Server{Addr: "127.0.0.1:0", Loops: loops, Pool: pool, Accept: s.Accept(), Logger: quiet}
	running, err := tr.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := running.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return running.Addr().String()
}

// play sends in and returns all that comes back, and what was noted.
func (h *host) play(t *testing.T, r row) string {
	h.mu.Lock()
	h.handle, h.noted = r.handle, nil
	h.mu.Unlock()
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	var sender sync.WaitGroup
	sender.Go(func() { io.WriteString(c, r.in+probe) }) // it fails if the server closes early
	out := transcript(c, methods(r.in))
	c.Close()
	sender.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.busy > 0 {
		h.idle.Wait()
	}
	for _, n := range h.noted {
		out += "\nnote: " + n
	}
	return out
}

// methods returns the methods of raw requests.
func methods(in string) (all []string) {
	for line := range strings.Lines(in) {
		if method, rest, _ := strings.Cut(line, " "); strings.HasSuffix(rest, " HTTP/1.1\r\n") || strings.HasSuffix(rest, " HTTP/1.0\r\n") {
			all = append(all, method)
		}
	}
	return append(all, "GET")
}

// transcript is what a client sees, up to the end of the connection.
func transcript(c io.Reader, methods []string) string {
	var out strings.Builder
	in := bufio.NewReader(c)
	for i := 0; ; {
		if i == len(methods) {
			fmt.Fprintf(&out, "more responses than requests\n")
			return out.String()
		}
		resp, err := http.ReadResponse(in, &http.Request{Method: methods[i]})
		var bad net.Error
		switch {
		case errors.As(err, &bad) && bad.Timeout():
			fmt.Fprintf(&out, "nothing more came\n")
			return out.String()
		case err != nil: // an end or a reset, which depends on what was on its way
			fmt.Fprintf(&out, "end\n")
			return out.String()
		}
		if methods[i] == "HEAD" { // whether it says that the body would be in chunks is up to the server (RFC 9112 section 6.1)
			for name := range resp.Trailer {
				resp.Header.Add("Trailer", name)
			}
			resp.TransferEncoding, resp.Trailer = nil, nil
		}
		fmt.Fprintf(&out, "%d", resp.StatusCode)
		if resp.StatusCode >= 200 {
			fmt.Fprintf(&out, " length %d coding %v close %v", resp.ContentLength, resp.TransferEncoding, resp.Close)
			i++
		}
		out.WriteByte('\n')
		for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
			if name == "Date" && len(resp.Header[name]) == 1 && resp.Header[name][0] != "never" {
				continue
			}
			for _, value := range resp.Header[name] {
				fmt.Fprintf(&out, "  %s: %s\n", name, value)
			}
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			fmt.Fprintf(&out, "  body broken\n") // how much of it arrived depends on what was on its way
		} else if len(body) > 0 {
			fmt.Fprintf(&out, "  body %d %s\n", len(body), brief(body))
		}
		for _, name := range slices.Sorted(maps.Keys(resp.Trailer)) {
			fmt.Fprintf(&out, "  trailer %s: %q\n", name, resp.Trailer[name])
		}
	}
}

// brief is a text that tells two bodies apart.
func brief(p []byte) string {
	sum := 0
	for _, c := range p {
		sum = sum*31 + int(c)
	}
	if len(p) < 2000 {
		return fmt.Sprintf("%q", p)
	}
	return fmt.Sprintf("%q... sum %x", p[:40], sum)
}

// table plays rows on both servers.
func table(t *testing.T, rows []row) {
	reference, ours := twins(t)
	names := make(map[string]bool)
	for _, r := range rows {
		if names[r.name] {
			t.Errorf("two rows are called %q", r.name)
		}
		names[r.name] = true
		t.Run(r.name, func(t *testing.T) {
			want := reference.play(t, r)
			for i := 0; i+1 < len(r.but); i += 2 {
				if !strings.Contains(want, r.but[i]) {
					t.Errorf("net/http does not do %q:\n%s", r.but[i], want)
				}
				want = strings.ReplaceAll(want, r.but[i], r.but[i+1])
			}
			if got := ours.play(t, r); got != want {
				t.Errorf("net/http:\n%s\nours:\n%s", want, got)
			}
		})
	}
}

// get is a request with these fields, each of which ends with CR LF.
func get(fields ...string) string { return request("GET", "/", strings.Join(fields, ""), "") }

// post is a request with a body, to which a Content-Length is added.
func post(fields, body string) string {
	return request("POST", "/", fmt.Sprintf("%sContent-Length: %d\r\n", fields, len(body)), body)
}

// chunks is a request with a body in chunks.
func chunks(fields, trailer string, pieces ...string) string {
	var body strings.Builder
	for _, p := range pieces {
		fmt.Fprintf(&body, "%x\r\n%s\r\n", len(p), p)
	}
	return request("POST", "/", fields+"Transfer-Encoding: chunked\r\n", body.String()+"0\r\n"+trailer+"\r\n")
}

func request(method, target, fields, body string) string {
	return method + " " + target + " HTTP/1.1\r\nHost: example.org\r\n" + fields + "\r\n" + body
}
