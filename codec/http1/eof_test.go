package http1_test

import (
	"io"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// What a server does when the peer's stream ends behind each byte of a request. Answers are sent, also late ones: a client may
// end its side when it has asked (RFC 9112 section 9.6).
func TestEOF(t *testing.T) {
	table(t, []row{
		{name: "at once", eof: true, in: "", want: "close"},
		{name: "behind CR LF", eof: true, in: "\r\n", want: "close"},
		{name: "behind a request", eof: true, in: get(), want: "GET / | close"},
		{name: "behind two", eof: true, in: get() + get(), want: "GET / | GET / | close"},
		{name: "behind 50", eof: true, in: strings.Repeat(get(), 50), want: strings.Repeat("GET / | ", 50) + "close"},
		{name: "behind a body", eof: true, in: post("Content-Length: 5\r\n", "hello"), want: `POST / content-length=5 "hello" | close`},
		{name: "behind chunks", eof: true, in: chunks("5\r\nhello\r\n0\r\n\r\n"), want: chunky("hello") + " | close"},
		{name: "behind close", eof: true, in: get("Connection: close\r\n"), want: "GET / connection=close | close"},
		{name: "behind a request and CR LF", eof: true, in: get() + "\r\n", want: "GET / | close"},
		{name: "in a method", eof: true, in: "GE", want: "400 | close"},
		{name: "in a request line", eof: true, in: "GET / HTTP/1.", want: "400 | close"},
		{name: "behind a request line", eof: true, in: "GET / HTTP/1.1\r\n", want: "400 | close"},
		{name: "in a field", eof: true, in: "GET / HTTP/1.1\r\nHost: h", want: "400 | close"},
		{name: "before the empty line", eof: true, in: "GET / HTTP/1.1\r\nHost: h\r\n", want: "400 | close"},
		{name: "before the last LF", eof: true, in: "GET / HTTP/1.1\r\nHost: h\r\n\r", want: "400 | close"},
		{name: "in a head, behind a request", eof: true, in: get() + "GET / HT", want: "GET / | 400 | close"},
		{name: "before a body", eof: true, in: post("Content-Length: 5\r\n", ""), want: "400 | close"},
		{name: "in a body", eof: true, in: post("Content-Length: 5\r\n", "hell"), want: "400 | close"},
		{name: "in a body, behind a request", eof: true, in: get() + post("Content-Length: 5\r\n", "hell"), want: "GET / | 400 | close"},
		{name: "before chunks", eof: true, in: chunks(""), want: "400 | close"},
		{name: "in the size of a chunk", eof: true, in: chunks("5"), want: "400 | close"},
		{name: "behind the size of a chunk", eof: true, in: chunks("5\r\n"), want: "400 | close"},
		{name: "in a chunk", eof: true, in: chunks("5\r\nhell"), want: "400 | close"},
		{name: "behind the data of a chunk", eof: true, in: chunks("5\r\nhello"), want: "400 | close"},
		{name: "behind a chunk", eof: true, in: chunks("5\r\nhello\r\n"), want: "400 | close"},
		{name: "before the last line of chunks", eof: true, in: chunks("5\r\nhello\r\n0\r\n"), want: "400 | close"},
		{name: "in a trailer", eof: true, in: chunks("5\r\nhello\r\n0\r\nA: b"), want: "400 | close"},
		{name: "behind something bad", eof: true, in: "\x00", want: "400 | close"},
	})
}

// Why the connection was closed can be told from its cause.
func TestCause(t *testing.T) {
	for in, want := range map[string]int{
		"":                                       0,
		get():                                    0,
		"GE":                                     400,
		post("Content-Length: 5\r\n", "hel"):     400,
		"GET /\r\n":                              400,
		line("GET / HTTP/3.0"):                   505,
		chunks("x"):                              400,
		get(strings.Repeat("A: b\r\n", 500)):     431,
		post("Content-Length: 99999999\r\n", ""): 413,
	} {
		p := serve(t, nil, text)
		p.Feed(in)
		p.EOF()
		p.Advance(longer)
		err := p.Cause()
		var why *http1.Error
		switch {
		case !p.Closed():
			t.Errorf("%q: the connection is not closed", in)
		case want == 0 && err != nil:
			t.Errorf("%q: %v", in, err)
		case want != 0 && (!asError(err, &why) || why.Status != want || why.What == "" || !strings.Contains(why.Error(), why.What)):
			t.Errorf("%q: %v", in, err)
		}
		if cut := want == 400 && !strings.ContainsAny(in, "\x00x/") || strings.HasSuffix(in, "hel"); cut && !isError(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// A peer that ends its side in the middle of the answer gets all of it.
func TestHalfClosedStalled(t *testing.T) {
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		return c.Write(r.Text(200, strings.Repeat("x", 200_000)))
	})
	p.Stall()
	p.Feed(get() + get())
	p.EOF()
	p.Advance(answerAfter)
	p.Unstall()
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != 2 || len(all[1].body) != 200_000 || !p.Ended() {
		t.Errorf("%v, %d responses, ended %v", err, len(all), p.Ended())
	}
}
