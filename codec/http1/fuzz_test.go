package http1_test

import (
	"bufio"
	"errors"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// seeds are inputs that a server gets, good and bad.
var seeds = []string{
	"",
	get(),
	browser,
	get() + get("Connection: close\r\n") + get(),
	line("HEAD /a?b HTTP/1.1") + line("OPTIONS * HTTP/1.1") + line("GET http://h/a HTTP/1.1"),
	line("CONNECT h:443 HTTP/1.1") + "behind",
	"\r\n" + get(),
	"GET / HTTP/1.0\r\n\r\n",
	"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.2\r\nHost: h\r\n\r\n",
	post("Content-Length: 5\r\n", "hello") + get(),
	post("Content-Length: 5\r\n", "hell"),
	post("Expect: 100-continue\r\nContent-Length: 5\r\n", "hello"),
	post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
	post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
	chunks("5\r\nhello\r\n0\r\n\r\n") + get(),
	chunks("5;a=b;c=\"d\\\"\"\r\nhello\r\n000\r\nA: b\r\nC:\r\n\r\n") + get(),
	chunks("5\nhello\n0\n\n"),
	chunks("ffffffffffffffffff\r\n"),
	get("A : b\r\n"), get("A: b\r\n c\r\n"), get("A: \x00\r\n"), get("A:\t b \t\r\nB:\r\n"),
	"GET / HTTP/1.1\nHost: h\n\n", "GET /\r\n", line("GET / HTTP/2.0"), line("G@T / HTTP/1.1"), line("GET /# HTTP/1.1"),
	get("Connection: Upgrade\r\nUpgrade: shout\r\n"),
}

// fragments are what bytes from 0x80 on stand for in the input of fuzz targets: a fuzzer does not find them by itself.
var fragments = []string{
	"\r\n", "\r\n\r\n", "\n", "\r", " ", "\t", "\x00", "\x7f", "\xff", ":", ",", ";", "\"", "=", "#", "%", "0", "5", "a", "f",
	"GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "HEAD / HTTP/1.1\r\n", "GET / HTTP/1.0\r\n", "POST / HTTP/1.0\r\n", "GET ", "POST ", "CONNECT ", "OPTIONS ", "/ ", "* ", "h:1 ",
	"http://h/ ", " HTTP/1.1\r\n", " HTTP/1.2\r\n", "HTTP/1.", "Host: h\r\n", "Host: h\r\n\r\n", "Host:", "Host: h:1\r\n", "A: b\r\n", "A:", "Content-Length: 5\r\n", "Content-Length: 0\r\n",
	"Content-Length: 500\r\n", "Content-Length:", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding:", "chunked", "Connection: close\r\n",
	"Connection: keep-alive\r\n", "Connection:", "close", "Expect: 100-continue\r\n", "Expect:", "Trailer: A\r\n", "Upgrade: x\r\n", "hello", "5\r\nhello\r\n", "0\r\n\r\n", "0\r\n", "1\r\nx\r\n",
	"5;a=b\r\nhello\r\n", "5;a=\"b\"\r\n", "fff\r\n", "00000000", "ffffffffffffffff", "A: b\r\n\r\n", " b\r\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	get(), post("Content-Length: 5\r\n", "hello"), chunks("5\r\nhello\r\n0\r\n\r\n"), post(chunkedField, ""), post("Content-Length: 5\r\n", ""),
}

// mixed replaces bytes by the fragments that they stand for.
func mixed(in string) string {
	var b strings.Builder
	for i := range len(in) {
		if n := int(in[i]) - 0x80; n >= 0 {
			b.WriteString(fragments[n%len(fragments)])
		} else {
			b.WriteByte(in[i])
		}
	}
	return b.String()
}

// TestMixed does what the fuzz targets do with requests that are put together at random.
func TestMixed(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	rounds := 2000
	if testing.Short() {
		rounds = 500
	}
	for n := range rounds {
		p := make([]byte, 2+d.IntN(12))
		for i := range p {
			p[i] = byte(0x80 + d.IntN(len(fragments)))
		}
		if in := mixed(string(p)); n%3 == 0 {
			againstNetHTTP(t, in)
		} else {
			everyWay(t, in, n%2 == 0)
		}
		if t.Failed() {
			return
		}
	}
}

// dice are the same for the same input.
func dice(input string) *rand.Rand {
	h := fnv.New64()
	io.WriteString(h, input)
	return rand.New(rand.NewPCG(9110, h.Sum64()))
}

// FuzzServer holds that nothing depends on how the input is cut, that nothing leaks, and that what is sent can be read.
func FuzzServer(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, in string, eof bool) {
		if in = mixed(in); len(in) <= 4000 {
			everyWay(t, in, eof)
		}
	})
}

var tiny = &http1.Server{Limits: http1.Limits{Line: 200, Head: 400, Fields: 10, Body: 300, Trailer: 100}}

// everyWay plays an input in many ways, of which the outcome must be the same.
func everyWay(t *testing.T, in string, eof bool) {
	if !eof { // a head is looked at again when a line has ended, so what is wrong in it may be seen only then
		in += "\r\n"
	}
	l := newLab(t)
	defer l.close()
	d := dice(in)
	var at []int
	for n := 0; n < len(in); n += 1 + d.IntN(1+len(in)/2) {
		at = append(at, n)
	}
	var first []string
	for _, w := range []way{
		{name: "whole", feed: whole},
		{name: "cut", feed: cut(at...)},
		{name: "in pieces", feed: pieces(1 + d.IntN(9))},
		{name: "byte by byte", feed: each},
		{name: "stalled", feed: whole, stall: true},
		{name: "late", feed: cut(at...), late: true},
		{name: "paused", feed: whole, pause: true},
		{name: "streamed", feed: whole, stream: true},
		{name: "streamed and cut", feed: cut(at...), stream: true, late: d.IntN(2) == 0},
	} {
		tr := l.start(w, tiny)
		tr.play(in, eof)
		got, err := tr.result()
		switch {
		case err != nil:
			tr.Errorf("%v\nsent     %q\nreceived %q", err, in, tr.out)
		case first == nil:
			first = got
		case !slices.Equal(got, first):
			tr.Errorf("\nsent  %q\ngot   %s\nwhole %s", in, strings.Join(got, " | "), strings.Join(first, " | "))
		}
		if !tr.end() {
			return
		}
	}
}

// A request that was handled, for comparisons.
type request struct {
	method, target string
	minor          int
	header         http.Header
	body           string
	trailer        http.Header
}

func copied(r *http1.Request) request {
	c := request{method: r.Method, target: string(r.Target), minor: r.Minor, header: headerOf(&r.Header), trailer: headerOf(&r.Trailer)}
	if r.Body != nil {
		c.body = r.Body.Text(0, r.Body.Len())
	}
	return c
}

func headerOf(h *http1.Header) http.Header {
	c := make(http.Header)
	for name, value := range h.All() {
		c.Add(string(name), string(value))
	}
	return c
}

// FuzzServerAgainstNetHTTP: what we accept, net/http accepts, and understands in the same way. It accepts more: the rules that it
// leaves to those who come after http.ReadRequest, and what tests call bad here.
func FuzzServerAgainstNetHTTP(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) { againstNetHTTP(t, mixed(in)) })
}

func againstNetHTTP(t *testing.T, in string) {
	var handled []request
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		handled = append(handled, copied(r))
		if r.Method == "CONNECT" {
			return c.Write(r.Reply(refused))
		}
		return c.Write(r.Reply(200))
	})
	p.Feed(in)
	reader := bufio.NewReader(strings.NewReader(in))
	for i, ours := range handled {
		theirs, err := readRequest(reader)
		if err != nil {
			if reason := theyRefuse(ours, in); reason == "" {
				t.Errorf("%q: request %d is accepted, and by net/http it is not: %v", in, i+1, err)
			}
			return
		}
		compare(t, in, i, ours, theirs)
	}
	if p.Ended() {
		return
	}
	if theirs, err := readRequest(reader); err == nil {
		t.Errorf("%q: net/http reads one more request: %+v", in, theirs)
	}
}

// readRequest reads a request with its body by net/http.
func readRequest(r *bufio.Reader) (request, error) {
	for { // net/http does not do what RFC 9112 section 2.2 asks for
		if p, err := r.Peek(2); err != nil || string(p) != "\r\n" {
			break
		}
		r.Discard(2)
	}
	req, err := http.ReadRequest(r)
	if err != nil {
		return request{}, err
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return request{}, err
	}
	c := request{method: req.Method, target: req.RequestURI, minor: min(req.ProtoMinor, 1), header: req.Header, body: string(body), trailer: req.Trailer}
	if len(req.TransferEncoding) > 0 {
		c.header.Set("Transfer-Encoding", req.TransferEncoding[0])
	}
	return c, nil
}

// theyRefuse returns why net/http may refuse a request that we accept, "" if it may not.
func theyRefuse(r request, in string) string {
	u := r.target
	if r.method == "CONNECT" {
		u = "http://" + u
	}
	switch _, err := url.ParseRequestURI(u); {
	case err != nil:
		return "it looks into the target for escapes, and we hand it over as it is"
	case r.header.Get("Trailer") != "":
		return "it looks at the names in Trailer, and we at those that come"
	case strings.Contains(in, "0000000000000"):
		return "it counts the digits of a chunk's size, and we look at the size"
	case len(in) > 4000:
		return "it has other limits"
	}
	return ""
}

// compare compares what was read of request i.
func compare(t *testing.T, in string, i int, ours, theirs request) {
	t.Helper()
	for _, name := range []string{"Host", "Trailer", "Pragma", "Cache-Control"} { // it moves, removes, or adds them
		ours.header.Del(name)
		theirs.header.Del(name)
	}
	if ours.header.Get("Transfer-Encoding") != "" { // in lower case
		ours.header.Set("Transfer-Encoding", "chunked")
	}
	if ours.method != theirs.method || ours.target != theirs.target || ours.minor != theirs.minor || ours.body != theirs.body ||
		!sameHeader(ours.header, theirs.header) || !sameHeader(ours.trailer, theirs.trailer) {
		t.Errorf("%q: request %d is %+v, and for net/http it is %+v", in, i+1, ours, theirs)
	}
}

func sameHeader(a, b http.Header) bool {
	if len(a) != len(b) {
		return false
	}
	for name, values := range a {
		if !slices.Equal(values, b[http.CanonicalHeaderKey(name)]) {
			return false
		}
	}
	return true
}

var errBadChunk = errors.New("bad chunk")

// FuzzChunked compares the reading of chunked bodies with a simple function over a string.
func FuzzChunked(f *testing.F) {
	for _, s := range []string{"", "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "A\r\n0123456789\r\n0\r\nX: y\r\nZ:\r\n\r\n", "5;a;b=c;d=\"e\\\"\" ; f = g\r\nhello\r\n0;x\r\n\r\n", "5 \r\n", "5\n",
		"0005\r\nhello\r\n", "ffffffffffffffffffff\r\n", "5\r\nhelloX", ";a\r\n", "5;\r\n", "1\r\na\r\n1\r\nb\r\n0\r\n\r\n\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if len(in) > 4000 {
			return
		}
		want, err := refChunked(in)
		l := newLab(t)
		defer l.close()
		for _, w := range []way{{name: "whole", feed: whole}, {name: "byte by byte", feed: each}, {name: "in pieces", feed: pieces(1 + dice(in).IntN(6))}, {name: "streamed", feed: whole, stream: true}} {
			tr := l.start(w, nil)
			tr.play(post(chunkedField, in), false)
			got, perr := tr.result()
			switch refused := !tr.stream && len(tr.seen) == 0 && tr.pipe.Ended() || tr.stream && len(got) > 0 && got[0][0] == '4'; {
			case perr != nil:
				tr.Errorf("%q: %v", in, perr)
			case err == nil && (len(tr.seen) == 0 || tr.seen[0] != want):
				tr.Errorf("%q: %q, not %q", in, tr.seen, want)
			case errors.Is(err, errBadChunk) && !refused:
				tr.Errorf("%q is not refused: %q", in, tr.seen)
			case errors.Is(err, io.ErrUnexpectedEOF) && len(tr.seen) > 0:
				tr.Errorf("%q is not whole: %q", in, tr.seen)
			}
			if !tr.end() {
				return
			}
		}
	})
}
