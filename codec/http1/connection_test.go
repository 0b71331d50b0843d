package http1_test

import (
	"strings"
	"testing"
)

// Connections of HTTP/1.1 go on unless somebody says close, those of HTTP/1.0 end unless the client says keep-alive (RFC 9112
// section 9.3).
func TestPersistence(t *testing.T) {
	old := func(fields ...string) string { return "GET / HTTP/1.0\r\n" + strings.Join(fields, "") + "\r\n" }
	table(t, []row{
		{name: "1.1", in: get(), want: "GET / | open"},
		{name: "1.1 close", in: get("Connection: close\r\n"), want: "GET / connection=close | close"},
		{name: "1.1 Close", in: get("Connection: Close\r\n"), want: "GET / connection=Close | close"},
		{name: "1.1 CLOSE", in: get("CONNECTION: CLOSE\r\n"), want: "GET / connection=CLOSE | close"},
		{name: "1.1 keep-alive", in: get("Connection: keep-alive\r\n"), want: "GET / connection=keep-alive | open"},
		{name: "1.1 close in a list", in: get("Connection: X-Y, close\r\n"), want: `GET / connection="X-Y, close" | close`},
		{name: "1.1 close first in a list", in: get("Connection: close,TE\r\n"), want: "GET / connection=close,TE | close"},
		{name: "1.1 close among spaces", in: get("Connection: \t,, TE , close ,\r\n"), want: `GET / connection=",, TE , close ," | close`},
		{name: "1.1 close and keep-alive", in: get("Connection: close, keep-alive\r\n"), want: `GET / connection="close, keep-alive" | close`},
		{name: "1.1 keep-alive and close", in: get("Connection: keep-alive, close\r\n"), want: `GET / connection="keep-alive, close" | close`},
		{name: "1.1 close in the second field", in: get("Connection: TE\r\nConnection: close\r\n"), want: "GET / connection=TE connection=close | close"},
		{name: "1.1 close in the first field", in: get("Connection: close\r\nA: b\r\nConnection: TE\r\n"), want: "GET / connection=close a=b connection=TE | close"},
		{name: "1.1 closed", in: get("Connection: closed\r\n"), want: "GET / connection=closed | open"},
		{name: "1.1 not-close", in: get("Connection: not-close\r\n"), want: "GET / connection=not-close | open"},
		{name: "1.1 two words", in: get("Connection: TE close\r\n"), want: `GET / connection="TE close" | open`},
		{name: "1.1 empty", in: get("Connection:\r\n"), want: "GET / connection= | open"},
		{name: "1.1 close in another field", in: get("X-Connection: close\r\n"), want: "GET / x-connection=close | open"},
		{name: "1.1 close with a body", in: post("Connection: close\r\nContent-Length: 5\r\n", "hello"),
			want: `POST / connection=close content-length=5 "hello" | close`},
		{name: "1.1 close with chunks", in: post("Connection: close\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
			want: `POST / connection=close transfer-encoding=chunked "hello" | close`},
		{name: "1.1 close after a good one", in: get() + get("Connection: close\r\n"), want: "GET / | GET / connection=close | close"},
		{name: "1.1 close with more than one behind", in: get("Connection: close\r\n") + get() + "GET /\x00", want: "GET / connection=close | close"},
		{name: "1.1 close with garbage behind", in: get("Connection: close\r\n") + "garbage\x00\r\n\r\n", want: "GET / connection=close | close"},
		{name: "1.2 close", in: "GET / HTTP/1.2\r\nHost: h\r\nConnection: close\r\n\r\n", want: "GET / connection=close | close"},
		{name: "1.0", in: old(), want: "GET / 1.0 | close"},
		{name: "1.0 with Host", in: old("Host: h\r\n"), want: "GET / 1.0 | close"},
		{name: "1.0 keep-alive", in: old("Connection: keep-alive\r\n"), want: "GET / 1.0 connection=keep-alive | open"},
		{name: "1.0 Keep-Alive", in: old("Connection: Keep-Alive\r\n"), want: "GET / 1.0 connection=Keep-Alive | open"},
		{name: "1.0 keep-alive in a list", in: old("Connection: TE, keep-alive\r\n"), want: `GET / 1.0 connection="TE, keep-alive" | open`},
		{name: "1.0 close", in: old("Connection: close\r\n"), want: "GET / 1.0 connection=close | close"},
		{name: "1.0 close and keep-alive", in: old("Connection: keep-alive, close\r\n"), want: `GET / 1.0 connection="keep-alive, close" | close`},
		{name: "1.0 with something else", in: old("Connection: TE\r\n"), want: "GET / 1.0 connection=TE | close"},
		{name: "1.0 with the field Keep-Alive", in: old("Keep-Alive: 300\r\n"), want: "GET / 1.0 keep-alive=300 | close"},
		{name: "1.0 with Proxy-Connection", in: old("Proxy-Connection: keep-alive\r\n"), want: "GET / 1.0 proxy-connection=keep-alive | close"},
		{name: "1.0 keep-alive twice", in: old("Connection: keep-alive\r\n") + old("Connection: keep-alive\r\n"),
			want: "GET / 1.0 connection=keep-alive | GET / 1.0 connection=keep-alive | open"},
		{name: "1.0 keep-alive, then 1.0", in: old("Connection: keep-alive\r\n") + old(), want: "GET / 1.0 connection=keep-alive | GET / 1.0 | close"},
		{name: "1.1, then 1.0", in: get() + old(), want: "GET / | GET / 1.0 | close"},
		{name: "1.0 HEAD keep-alive", in: "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", want: "HEAD / 1.0 connection=keep-alive | open"},
	})
}

// What the server says about the connection.
func TestConnectionField(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{get(), ""},
		{get("Connection: close\r\n"), "close"},
		{get("Connection: keep-alive\r\n"), ""},
		{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive"}, // RFC 9112 section 9.3: else the client would wait for the end
		{"GET /\r\n", "close"},
		{"GET / HTTP/1.1\r\n\r\n", "close"},
		{"GET / HTTP/2.0\r\n\r\n", "close"},
		{post("Content-Length: 10000000000\r\n", ""), "close"},
		{post("Transfer-Encoding: gzip, chunked\r\n", ""), "close"},
	} {
		l := newLab(t)
		tr := l.start(way{name: "whole", feed: whole}, nil)
		tr.play(c.in, false)
		r := oneResponse(t, tr.out, tr.pipe.Ended(), "GET")
		if got := r.get("connection"); got != c.want && !(got == "keep-alive" && c.want == "") {
			t.Errorf("%q: Connection: %q, not %q", c.in, got, c.want)
		}
		if tr.pipe.Ended() != (c.want == "close") {
			t.Errorf("%q: ended %v", c.in, tr.pipe.Ended())
		}
		tr.end()
		l.close()
	}
}
