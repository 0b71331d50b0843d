package http1_test

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// line is a request with this line, which is given without its end.
func line(s string) string { return s + "\r\nHost: h\r\n\r\n" }

// Methods are tokens, case-sensitive, of any name (RFC 9110 section 9.1); one that is longer than any that is known may
// be answered with 501 (RFC 9112 section 3).
func TestMethod(t *testing.T) {
	table(t, []row{
		{name: "GET", in: line("GET / HTTP/1.1"), want: "GET / | open"},
		{name: "HEAD", in: line("HEAD / HTTP/1.1"), want: "HEAD / | open"},
		{name: "POST without a body", in: line("POST / HTTP/1.1"), want: "POST / | open"},
		{name: "PUT", in: line("PUT / HTTP/1.1"), want: "PUT / | open"},
		{name: "DELETE", in: line("DELETE / HTTP/1.1"), want: "DELETE / | open"},
		{name: "PATCH", in: line("PATCH / HTTP/1.1"), want: "PATCH / | open"},
		{name: "TRACE", in: line("TRACE / HTTP/1.1"), want: "TRACE / | open"},
		{name: "of nobody", in: line("ROPEWALK / HTTP/1.1"), want: "ROPEWALK / | open"},
		{name: "with a dash", in: line("M-SEARCH / HTTP/1.1"), want: "M-SEARCH / | open"},
		{name: "one letter", in: line("X / HTTP/1.1"), want: "X / | open"},
		{name: "one digit", in: line("1 / HTTP/1.1"), want: "1 / | open"},
		{name: "lower case is another method", in: line("get / HTTP/1.1"), want: "get / | open"},
		{name: "mixed case", in: line("Get / HTTP/1.1"), want: "Get / | open"},
		{name: "all of tchar", in: line("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1"), want: "!#$%&'*+-.^_`|~09azAZ / | open"},
		{name: "30 letters", in: line(strings.Repeat("M", 30) + " / HTTP/1.1"), want: strings.Repeat("M", 30) + " / | open"},
		{name: "1,000 letters", in: line(strings.Repeat("M", 1000) + " / HTTP/1.1"), want: "501 | close"},
		{name: "100,000 letters", in: strings.Repeat("M", 100_000), want: "501 | close"},
		{name: "long, and no token", in: line(strings.Repeat("M", 1000) + "@ / HTTP/1.1"), want: "501 | close"},
		{name: "empty", in: line(" / HTTP/1.1"), want: "400 | close"},
		{name: "only the version", in: line("HTTP/1.1"), want: "400 | close"},
		{name: "space inside", in: line("GE T / HTTP/1.1"), want: "400 | close"},
		{name: "colon", in: line("GET: / HTTP/1.1"), want: "400 | close"},
		{name: "at sign", in: line("G@T / HTTP/1.1"), want: "400 | close"},
		{name: "slash", in: line("G/T / HTTP/1.1"), want: "400 | close"},
		{name: "parenthesis", in: line("GET( / HTTP/1.1"), want: "400 | close"},
		{name: "comma", in: line("GET,POST / HTTP/1.1"), want: "400 | close"},
		{name: "quotes", in: line(`"GET" / HTTP/1.1`), want: "400 | close"},
		{name: "brace", in: line("{GET} / HTTP/1.1"), want: "400 | close"},
		{name: "backslash", in: line(`GET\ / HTTP/1.1`), want: "400 | close"},
		{name: "NUL", in: line("GE\x00T / HTTP/1.1"), want: "400 | close"},
		{name: "tab", in: line("GET\t/ HTTP/1.1"), want: "400 | close"},
		{name: "DEL", in: line("GET\x7f / HTTP/1.1"), want: "400 | close"},
		{name: "not ASCII", in: line("G\xc3\x89T / HTTP/1.1"), want: "400 | close"},
		{name: "UTF-8 byte order mark", in: line("\xef\xbb\xbfGET / HTTP/1.1"), want: "400 | close"},
		{name: "a TLS handshake", in: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", want: "400 | close"},
		{name: "SSH", in: "SSH-2.0-OpenSSH_9.6\r\n", want: "400 | close"},
	})
}

// The parts of a request line are separated by one space each (RFC 9112 section 3): others are refused, since those who accept
// them do not agree on what they mean.
func TestRequestLine(t *testing.T) {
	table(t, []row{
		{name: "CR LF in front", in: "\r\n" + line("GET / HTTP/1.1"), want: "GET / | open"},
		{name: "two CR LF in front", in: "\r\n\r\n" + line("GET / HTTP/1.1"), want: "GET / | open"},
		{name: "CR LF between two", in: get() + "\r\n" + get(), want: "GET / | GET / | open"},
		{name: "CR LF behind a body", in: post("Content-Length: 2\r\n", "ab\r\n") + get(),
			want: `POST / content-length=2 "ab" | GET / | open`}, // what clients of old sent, RFC 9112 section 2.2
		{name: "only CR LF", in: "\r\n", want: "wait"},
		{name: "LF in front", in: "\n" + line("GET / HTTP/1.1"), want: "400 | close"},
		{name: "CR in front", in: "\r" + line("GET / HTTP/1.1"), want: "400 | close"},
		{name: "CR CR LF in front", in: "\r\r\n" + line("GET / HTTP/1.1"), want: "400 | close"},
		{name: "100,000 CR LF in front", in: strings.Repeat("\r\n", 100_000), want: "400 | close"},
		{name: "space in front", in: line(" GET / HTTP/1.1"), want: "400 | close"},
		{name: "tab in front", in: line("\tGET / HTTP/1.1"), want: "400 | close"},
		{name: "space in front of a second", in: get() + " " + get(), want: "GET / | 400 | close"},
		{name: "two spaces behind the method", in: line("GET  / HTTP/1.1"), want: "400 | close"},
		{name: "two spaces behind the target", in: line("GET /  HTTP/1.1"), want: "400 | close"},
		{name: "space at the end", in: line("GET / HTTP/1.1 "), want: "400 | close"},
		{name: "tab at the end", in: line("GET / HTTP/1.1\t"), want: "400 | close"},
		{name: "text at the end", in: line("GET / HTTP/1.1 x"), want: "400 | close"},
		{name: "tab behind the target", in: line("GET /\tHTTP/1.1"), want: "400 | close"},
		{name: "vertical tab", in: line("GET\v/ HTTP/1.1"), want: "400 | close"},
		{name: "form feed", in: line("GET /\fHTTP/1.1"), want: "400 | close"},
		{name: "no-break space", in: line("GET\xa0/ HTTP/1.1"), want: "400 | close"},
		{name: "no target", in: line("GET HTTP/1.1"), want: "400 | close"},
		{name: "empty target", in: line("GET  HTTP/1.1"), want: "400 | close"},
		{name: "only a method", in: line("GET"), want: "400 | close"},
		{name: "method and space", in: line("GET "), want: "400 | close"},
		{name: "LF at the end", in: "GET / HTTP/1.1\nHost: h\r\n\r\n", want: "400 | close"},
		{name: "CR at the end", in: "GET / HTTP/1.1\rHost: h\r\n\r\n", want: "400 | close"},
		{name: "CR CR LF at the end", in: "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", want: "400 | close"},
		{name: "NUL at the end", in: line("GET / HTTP/1.1\x00"), want: "400 | close"},
		{name: "CR inside", in: line("GET /\r HTTP/1.1"), want: "400 | close"},
		{name: "LF inside", in: line("GET /\n HTTP/1.1"), want: "400 | close"},
		{name: "only CR LF CR LF and LF", in: "\r\n\r\n\n", want: "400 | close"},
		{name: "begun", in: "GET / HT", want: "wait"},
		{name: "without the end of the head", in: "GET / HTTP/1.1\r\nHost: h\r\n", want: "wait"},
		{name: "all but the last LF", in: "GET / HTTP/1.1\r\nHost: h\r\n\r", want: "wait"},
	})
}

// The version is case-sensitive, and has one digit on each side of the dot (RFC 9112 section 2.3). Minor versions that are not
// known are the highest that is (RFC 9110 section 2.5).
func TestVersion(t *testing.T) {
	rows := []row{
		{name: "1.1", in: line("GET / HTTP/1.1"), want: "GET / | open"},
		{name: "1.0", in: line("GET / HTTP/1.0"), want: "GET / 1.0 | close"},
		{name: "1.2", in: line("GET / HTTP/1.2"), want: "GET / | open"},
		{name: "1.9", in: line("GET / HTTP/1.9"), want: "GET / | open"},
		{name: "none", in: line("GET /"), want: "400 | close"},
		{name: "none, and nothing else", in: "GET /\r\n", want: "400 | close"},
		{name: "none, behind a space", in: line("GET / "), want: "400 | close"},
		{name: "HTTP/2.0 by its preface", in: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", want: "400/505 | close"},
	}
	for _, v := range []string{"0.9", "0.0", "2.0", "2.1", "3.0", "9.9"} {
		rows = append(rows, row{name: v, in: line("GET / HTTP/" + v), want: "505 | close"})
	}
	for _, v := range []string{"HTTP/1.10", "HTTP/1.01", "HTTP/01.1", "HTTP/11.1", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/2", "HTTP/",
		"HTTP", "HTTP1.1", "HTTP 1.1", "HTTP/ 1.1", "HTTP/1 .1", "HTTP/1. 1", "HTTP/1,1", "HTTP/1-1", "HTTP/-1.1", "HTTP/+1.1", "HTTP/a.b",
		"HTTP/1.x", "HTTP/1.1x", "HTTP/1.1.1", "HTTP/1.\xb9", "http/1.1", "Http/1.1", "hTTP/1.1", "HTTPS/1.1", "HTP/1.1", "ICE/1.0", "XHTTP/1.1",
		"HTTP\\1.1", "HTTP//1.1", "\x00HTTP/1.1", "HTTP/1\x001", "1.1 "} {
		rows = append(rows, row{name: v, in: line("GET / " + v), want: "400 | close"})
	}
	table(t, rows)
}

// A request line that is too long is refused before its end has come: 414, RFC 9112 section 3.
func TestLongLine(t *testing.T) {
	small := &http1.Server{Limits: http1.Limits{Line: 100}}
	path := "/" + strings.Repeat("p", 80)
	table(t, []row{
		{name: "fits", with: small, in: line("GET " + path + " HTTP/1.1"), want: "GET " + path + " | open"},
		{name: "does not fit", with: small, in: line("GET " + path + path + " HTTP/1.1"), want: "414 | close"},
		{name: "has no end", with: small, in: "GET " + path + path, want: "414 | close"},
		{name: "query", with: small, in: line("GET /?" + path + path + " HTTP/1.1"), want: "414 | close"},
		{name: "of CONNECT", with: small, in: line("CONNECT " + strings.Repeat("h", 200) + ":443 HTTP/1.1"), want: "414 | close"},
		{name: "wrong as well", with: small, in: line("GET " + path + path + "\x00 HTTP/1.1"), want: "414 | close"},
		{name: "wrong before", with: small, in: line("GET /\x00" + path + path + " HTTP/1.1"), want: "400 | close"},
		{name: "behind a good one", with: small, in: get() + line("GET "+path+path+" HTTP/1.1"), want: "GET / | 414 | close"},
		{name: "8,000 by default", in: line("GET /" + strings.Repeat("p", 8000) + " HTTP/1.1"),
			want: "GET /" + strings.Repeat("p", 8000) + " | open"}, // RFC 9112 section 3 wants 8,000 at least
		{name: "100,000 by default", in: line("GET /" + strings.Repeat("p", 100_000) + " HTTP/1.1"), want: "414 | close"},
	})
}
