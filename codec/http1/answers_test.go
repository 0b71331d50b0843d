package http1_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
)

const (
	ok5   = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	saw5  = `200 content-length=5 "hello"`
	okNot = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	sawNo = "200 content-length=0"
	hints = "HTTP/1.1 103 Early Hints\r\n\r\n"
)

// ok is a response with these fields, and this behind its head.
func ok(fields, body string) string { return "HTTP/1.1 200 OK\r\n" + fields + "\r\n" + body }

// How long a response is depends on its request, its status and its fields: RFC 9112 section 6.3.
func TestResponses(t *testing.T) {
	chunk := "Transfer-Encoding: chunked\r\n"
	answers(t, []answer{
		{name: "length", in: ok5, want: saw5 + " | open"},
		{name: "length 0", in: okNot, want: sawNo + " | open"},
		{name: "length twice", in: ok("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), want: `200 content-length=5 content-length=5 "hello" | open`},
		{name: "chunks", in: ok(chunk, "5\r\nhello\r\n0\r\n\r\n"), want: `200 transfer-encoding=chunked "hello" | open`},
		{name: "no chunks", in: ok(chunk, "0\r\n\r\n"), want: `200 transfer-encoding=chunked | open`},
		{name: "trailer", in: ok(chunk, "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"), want: `200 transfer-encoding=chunked "hello" {x=y} | open`},
		{name: "Chunked", in: ok("transfer-encoding: Chunked\r\n", "1\r\nx\r\n0\r\n\r\n"), want: `200 transfer-encoding=Chunked "x" | open`},
		{name: "until the end", in: ok("", "hello"), eof: true, want: `200 "hello" | close`},
		{name: "until the end, empty", in: ok("", ""), eof: true, want: `200 | close`},
		{name: "until the end, which has not come", in: ok("", "hello"), want: "open"},
		{name: "until the end, to two", asks: "GET GET", in: ok("", ok5), eof: true, want: fmt.Sprintf("200 %q | error", ok5)},
		{name: "204", in: "HTTP/1.1 204 No Content\r\n\r\n", want: `204 "No Content" | open`},
		{name: "204 with a length", in: "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", want: `204 "No Content" content-length=5 | open`},
		{name: "304 with a length", in: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", want: `304 "Not Modified" content-length=5 | open`},
		{name: "304 with chunks", in: "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", want: `304 "Not Modified" transfer-encoding=chunked | open`},
		{name: "HEAD", asks: "HEAD", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", want: "200 content-length=5 | open"},
		{name: "HEAD with chunks", asks: "HEAD", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", want: "200 transfer-encoding=chunked | open"},
		{name: "HEAD without a length", asks: "HEAD", in: "HTTP/1.1 200 OK\r\n\r\n", want: "200 | open"},
		{name: "HEAD and close", asks: "HEAD", in: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", want: "200 connection=close | close"},
		{name: "HEAD before GET", asks: "HEAD GET", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + ok5, want: "200 content-length=5 | " + saw5 + " | open"},
		{name: "GET before HEAD", asks: "GET HEAD GET", in: ok5 + "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n" + ok5,
			want: saw5 + ` | 404 "Not Found" content-length=9 | ` + saw5 + " | open"},
		{name: "POST", asks: "POST", in: ok5, want: saw5 + " | open"},
		{name: "CONNECT refused", asks: "CONNECT", in: "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", want: `403 "Forbidden" content-length=2 "no" | open`},
		{name: "16 pipelined", asks: strings.Repeat("GET ", 16), in: strings.Repeat(ok5, 16), want: strings.Repeat(saw5+" | ", 16) + "open"},
		{name: "of all kinds", asks: "GET HEAD GET GET GET", in: ok5 + ok(chunk, "") + ok(chunk, "5\r\nhello\r\n0\r\n\r\n") + "HTTP/1.1 304 X\r\n\r\n" + ok("", "rest"), eof: true,
			want: saw5 + ` | 200 transfer-encoding=chunked | 200 transfer-encoding=chunked "hello" | 304 "X" | 200 "rest" | close`},
		{name: "close", in: ok("Content-Length: 5\r\nConnection: close\r\n", "hello"), want: `200 content-length=5 connection=close "hello" | close`},
		{name: "close in a list", in: ok("Content-Length: 5\r\nConnection: TE, Close\r\n", "hello"), want: `200 content-length=5 connection="TE, Close" "hello" | close`},
		{name: "close and EOF", in: ok("Content-Length: 5\r\nConnection: close\r\n", "hello"), eof: true, want: `200 content-length=5 connection=close "hello" | close`},
		{name: "1.0", in: "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", want: `200 1.0 content-length=5 "hello" | close`},
		{name: "1.0 keep-alive", asks: "GET GET", in: "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello" + ok5,
			want: `200 1.0 content-length=5 connection=keep-alive "hello" | ` + saw5 + " | open"},
		{name: "1.0 until the end", in: "HTTP/1.0 200 OK\r\n\r\nhello", eof: true, want: `200 1.0 "hello" | close`},
		{name: "1.2", in: "HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello", want: saw5 + " | open"},
		{name: "100 that nobody asked for", in: continued + ok5, want: `100 "Continue" | ` + saw5 + " | open"},
		{name: "early hints", in: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + ok5,
			want: `103 "Early Hints" link=</a> | 103 "Early Hints" | ` + saw5 + " | open"},
		{name: "interim with a length", in: "HTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\n" + ok5, want: `102 "Processing" content-length=5 | ` + saw5 + " | open"},
		{name: "interim and nothing else", in: "HTTP/1.1 102 Processing\r\n\r\n", want: `102 "Processing" | open`},
		{name: "interim between", asks: "GET GET", in: ok5 + "HTTP/1.1 103 X\r\n\r\n" + ok5, want: saw5 + ` | 103 "X" | ` + saw5 + " | open"},
		{name: "nothing asked, nothing comes", asks: "NOTHING", in: "", want: "open"},
		{name: "nothing asked, the end comes", asks: "NOTHING", in: "", eof: true, want: "close"},
		{name: "answered, the end comes", in: ok5, eof: true, want: saw5 + " | close"},
	})
}

func TestStatusLines(t *testing.T) {
	var all []answer
	for in, want := range map[string]string{
		"HTTP/1.1 200 ": `200 ""`, "HTTP/1.1 200": `200 ""`, "HTTP/1.1 200 OK": "200", "HTTP/1.1 299 Fine": `299 "Fine"`, "HTTP/1.1 599 ": `599 ""`,
		"HTTP/1.1 200 two words": `200 "two words"`, "HTTP/1.1 200 a\tb": `200 "a\tb"`, "HTTP/1.1 200 \xff": `200 "\xff"`, "HTTP/1.1 200 200": `200 "200"`,
	} {
		all = append(all, answer{name: in, in: in + "\r\nContent-Length: 0\r\n\r\n", want: want + " content-length=0 | open"})
	}
	for _, in := range []string{"", " HTTP/1.1 200 OK", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 2", "HTTP/1.1 20", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 0200 OK", "HTTP/1.1 099 OK", "HTTP/1.1 000 OK",
		"HTTP/1.1 -20 OK", "HTTP/1.1 +20 OK", "HTTP/1.1 2x0 OK", "HTTP/1.1 200OK", "HTTP/1.1  200 OK", "HTTP/1.1\t200 OK", "HTTP/1.1 200\tOK", "HTTP/1.1 OK",
		"HTTP/2.0 200 OK", "HTTP/2 200", "HTTP/0.9 200 OK", "HTTP/1.10 200 OK", "http/1.1 200 OK", "HTTP 200 OK", "ICY 200 OK", "200 OK", "GET / HTTP/1.1", "HTTP/1.1 200 OK\x00", "HTTP/1.1 200 O\rK", "HTTP/1.1 200 O\nK",
		"HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\r", "HTTP/1.1 200 \x7f", "\x00", "SSH-2.0-OpenSSH_9.6", "<html>"} {
		all = append(all, answer{name: fmt.Sprintf("%q", in), in: in + "\r\nContent-Length: 0\r\n\r\n", want: "error"})
	}
	answers(t, all)
}

// What a client must not guess: two that read such a response in different ways can be played off against each other.
func TestBadResponses(t *testing.T) {
	bad := func(name, fields, body string) answer { return answer{name: name, in: ok(fields, body), want: "error"} }
	all := []answer{
		bad("both lengths", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
		bad("both lengths, the other way", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "5\r\nhello\r\n0\r\n\r\n"),
		bad("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"),
		bad("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
		bad("chunked, gzip", "Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"),
		bad("chunked twice", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
		bad("chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
		bad("identity", "Transfer-Encoding: identity\r\n", "hello"),
		bad("no coding", "Transfer-Encoding:\r\n", "hello"),
		bad("xchunked", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
		bad("folded", "A: b\r\n c\r\nContent-Length: 0\r\n", ""),
		bad("space before the colon", "Content-Length : 0\r\n", ""),
		bad("no name", ": x\r\nContent-Length: 0\r\n", ""),
		bad("NUL", "A: \x00\r\nContent-Length: 0\r\n", ""),
		bad("CR", "A: b\rc\r\nContent-Length: 0\r\n", ""),
		bad("LF", "A: b\nContent-Length: 0\r\n", ""),
		bad("space in front", " A: b\r\nContent-Length: 0\r\n", ""),
		bad("bad chunk", "Transfer-Encoding: chunked\r\n", "x\r\n"),
		bad("LF behind a chunk's size", "Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n"),
		bad("no line end behind a chunk", "Transfer-Encoding: chunked\r\n", "5\r\nhelloXX0\r\n\r\n"),
		bad("bad trailer", "Transfer-Encoding: chunked\r\n", "0\r\nA : b\r\n\r\n"),
		bad("length in a trailer", "Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 5\r\n\r\n"),
		{name: "coding in 1.0", in: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", want: "error"},
		{name: "all LF", in: "HTTP/1.1 200 OK\nContent-Length: 0\n\n", want: "error"},
		{name: "CR LF in front", in: "\r\n" + okNot, want: "error"},
		{name: "garbage in front", in: "x" + okNot, want: "error"},
		{name: "garbage behind", in: okNot + "x", want: sawNo + " | error"},
		{name: "CR LF behind", in: okNot + "\r\n", want: sawNo + " | error"},
		{name: "one too many", in: okNot + okNot, want: sawNo + " | error"},
		{name: "body too long", in: ok("Content-Length: 4\r\n", "hello"), want: `200 content-length=4 "hell" | error`},
		{name: "body of a HEAD", asks: "HEAD", in: ok5, want: "200 content-length=5 | error"},
		{name: "body of a 204", in: "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", want: `204 "No Content" content-length=5 | error`},
		{name: "body of a 304", asks: "GET GET", in: "HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\nhello" + ok5, want: `304 "X" content-length=5 | error`},
		{name: "without a request", asks: "NOTHING", in: ok5, want: "error"},
		{name: "408 without a request", asks: "NOTHING", in: "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", want: "error"},
		{name: "bytes without a request", asks: "NOTHING", in: "x", want: "error"},
		{name: "interim without a request", asks: "NOTHING", in: continued, want: "error"},
		{name: "interim behind the last", in: ok5 + continued, want: saw5 + " | error"},
		{name: "bad behind a good one", asks: "GET GET", in: ok5 + "HTTP/1.1 2", eof: true, want: saw5 + " | error"},
		{name: "closed before the second", asks: "GET GET", in: ok("Content-Length: 5\r\nConnection: close\r\n", "hello"), eof: true,
			want: `200 content-length=5 connection=close "hello" | error`},
		{name: "closed before the second, which comes", asks: "GET GET", in: ok("Content-Length: 5\r\nConnection: close\r\n", "hello") + ok5,
			want: `200 content-length=5 connection=close "hello" | error`},
	}
	for _, v := range []string{"", "+5", "-5", "-1", "0x5", "5x", "5 5", "5,5", "5, 5", "5.0", "18446744073709551621", "9223372036854775808", "five", "5\x00"} {
		all = append(all, bad(fmt.Sprintf("length %q", v), "Content-Length: "+v+"\r\n", "hello"))
	}
	answers(t, all)
}

// A stream that ends too early is an error, and what had come of the response is not taken for whole.
func TestResponsesCutOff(t *testing.T) {
	chunk := "Transfer-Encoding: chunked\r\n"
	var all []answer
	for name, in := range map[string]string{
		"at once": "", "in the status line": "HTTP/1.1 20", "behind the status line": "HTTP/1.1 200 OK\r\n", "in a field": "HTTP/1.1 200 OK\r\nA: b", "before the empty line": "HTTP/1.1 200 OK\r\nA: b\r\n",
		"before the last LF": "HTTP/1.1 200 OK\r\nA: b\r\n\r", "before a body": ok("Content-Length: 5\r\n", ""), "in a body": ok("Content-Length: 5\r\n", "hell"), "before chunks": ok(chunk, ""),
		"in a size": ok(chunk, "5"), "in a chunk": ok(chunk, "5\r\nhell"), "behind a chunk": ok(chunk, "5\r\nhello\r\n"), "before the last line": ok(chunk, "5\r\nhello\r\n0\r\n"), "in a trailer": ok(chunk, "0\r\nA: b\r\n"),
	} {
		all = append(all, answer{name: name, in: in, eof: true, want: "error"},
			answer{name: name + ", behind another", asks: "GET GET", in: ok5 + in, eof: true, want: saw5 + " | error"})
	}
	answers(t, append(all, answer{name: "behind an interim", in: continued, eof: true, want: `100 "Continue" | error`}))
}

func TestResponseLimits(t *testing.T) {
	small := &http1.Client{Limits: http1.Limits{Line: 100, Head: 200, Fields: 3, Body: 10, Trailer: 50}}
	x := strings.Repeat("x", 300)
	answers(t, []answer{
		{name: "fits", with: small, in: ok("A: b\r\nC: d\r\nContent-Length: 10\r\n", x[:10]), want: `200 a=b c=d content-length=10 "xxxxxxxxxx" | open`},
		{name: "long reason", with: small, in: "HTTP/1.1 200 " + x[:150] + "\r\n\r\n", want: "error"},
		{name: "reason without end", with: small, in: "HTTP/1.1 200 " + x, want: "error"},
		{name: "4 fields", with: small, in: ok("A: b\r\nC: d\r\nE: f\r\nContent-Length: 0\r\n", ""), want: "error"},
		{name: "large head", with: small, in: ok("A: "+x+"\r\n", ""), want: "error"},
		{name: "head without end", with: small, in: "HTTP/1.1 200 OK\r\nA: " + x, want: "error"},
		{name: "body announced", with: small, in: ok("Content-Length: 11\r\n", ""), want: "error"},
		{name: "chunk announced", with: small, in: ok("Transfer-Encoding: chunked\r\n", "b\r\n"), want: "error"},
		{name: "chunks", with: small, in: ok("Transfer-Encoding: chunked\r\n", strings.Repeat("2\r\nxx\r\n", 6)), want: "error"},
		{name: "until the end", with: small, in: ok("", x[:11]), want: "error"},
		{name: "until the end, fits", with: small, in: ok("", x[:10]), eof: true, want: `200 "xxxxxxxxxx" | close`},
		{name: "trailer", with: small, in: ok("Transfer-Encoding: chunked\r\n", "0\r\nA: "+x[:60]+"\r\n\r\n"), want: "error"},
		{name: "trailer of 4 fields", with: small, in: ok("Transfer-Encoding: chunked\r\n", "0\r\n"+strings.Repeat("A: b\r\n", 4)+"\r\n"), want: "error"},
		{name: "large, of a HEAD", asks: "HEAD", with: small, in: ok("Content-Length: 1000000000000\r\n", ""), want: "200 content-length=1000000000000 | open"},
		{name: "7 interims", with: small, in: strings.Repeat(hints, 7) + okNot, want: strings.Repeat(`103 "Early Hints" | `, 7) + sawNo + " | open"},
		{name: "8 interims", with: small, in: strings.Repeat(hints, 8), want: strings.Repeat(`103 "Early Hints" | `, 7) + "error"}, // more than Head
		{name: "7 interims for each", with: small, asks: "GET GET", in: strings.Repeat(strings.Repeat(hints, 7)+okNot, 2),
			want: strings.Repeat(strings.Repeat(`103 "Early Hints" | `, 7)+sawNo+" | ", 2) + "open"},
		{name: "2^62", in: ok("Content-Length: 4611686018427387904\r\n", ""), want: "error"},
	})
}
