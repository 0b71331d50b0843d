package http1_test

import (
	"fmt"
	"strings"
	"testing"
)

// Content-Length is one number of digits (RFC 9112 section 6.3, RFC 9110 section 8.6). Whatever else parsers have accepted is
// what requests are smuggled with.
func TestContentLength(t *testing.T) {
	rows := []row{
		{name: "0", in: post("Content-Length: 0\r\n", ""), want: "POST / content-length=0 | open"},
		{name: "5", in: post("Content-Length: 5\r\n", "hello"), want: `POST / content-length=5 "hello" | open`},
		{name: "of a GET", in: get("Content-Length: 5\r\n") + "hello", want: `GET / content-length=5 "hello" | open`},
		{name: "of a HEAD", in: "HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", want: `HEAD / content-length=5 "hello" | open`},
		{name: "of an OPTIONS", in: "OPTIONS * HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
			want: `OPTIONS * content-length=5 "hello" | open`},
		{name: "of a DELETE", in: "DELETE / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", want: `DELETE / content-length=1 "x" | open`},
		{name: "leading zero", in: post("Content-Length: 05\r\n", "hello"), want: `POST / content-length=05 "hello" | open`},
		{name: "many leading zeros", in: post("Content-Length: 0000000005\r\n", "hello"), want: `POST / content-length=0000000005 "hello" | open`},
		{name: "spaces around", in: post("Content-Length: \t 5 \t\r\n", "hello"), want: `POST / content-length=5 "hello" | open`},
		{name: "no space", in: post("Content-Length:5\r\n", "hello"), want: `POST / content-length=5 "hello" | open`},
		{name: "name in lower case", in: post("content-length: 5\r\n", "hello"), want: `POST / content-length=5 "hello" | open`},
		{name: "name in upper case", in: post("CONTENT-LENGTH: 5\r\n", "hello"), want: `POST / content-length=5 "hello" | open`},
		{name: "none", in: post("", ""), want: "POST / | open"},
		{name: "none, with a body", in: post("", "hello\r\n"), want: "POST / | 400 | close"},
		{name: "too short for the body", in: post("Content-Length: 4\r\n", "hello\r\n"), want: `POST / content-length=4 "hell" | 400 | close`},
		{name: "too long for the body", in: post("Content-Length: 6\r\n", "hello"), want: "wait"},
		{name: "body is a request", in: post("Content-Length: 34\r\n", "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n\r\n"),
			want: `POST / content-length=34 "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n\r" | 400 | close`},
		{name: "body is CR LF", in: post("Content-Length: 4\r\n", "\r\n\r\n"), want: `POST / content-length=4 "\r\n\r\n" | open`},
		{name: "body of every byte", in: post("Content-Length: 256\r\n", allBytes), want: "POST / content-length=256 " + fmt.Sprintf("%q", allBytes) + " | open"},
		{name: "in 1.0", in: "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", want: `POST / 1.0 content-length=5 "hello" | close`},
		{name: "none in 1.0", in: "POST / HTTP/1.0\r\n\r\n", want: `POST / 1.0 | close`},
		{name: "two equal", in: post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), want: "400 | close"},
		{name: "two different", in: post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), want: "400 | close"},
		{name: "two different, smaller first", in: post("Content-Length: 0\r\nContent-Length: 5\r\n", "hello"), want: "400 | close"},
		{name: "two, one in another case", in: post("Content-Length: 5\r\nA: b\r\ncontent-length: 5\r\n", "hello"), want: "400 | close"},
		{name: "two, one empty", in: post("Content-Length: 5\r\nContent-Length:\r\n", "hello"), want: "400 | close"},
		{name: "two of 0", in: get("Content-Length: 0\r\nContent-Length: 0\r\n"), want: "400 | close"},
		{name: "folded", in: post("Content-Length:\r\n 5\r\n", "hello"), want: "400 | close"},
		{name: "folded behind", in: post("Content-Length: 5\r\n 6\r\n", "hello"), want: "400 | close"},
		{name: "space before the colon", in: post("Content-Length : 5\r\n", "hello"), want: "400 | close"},
		{name: "tab before the colon", in: post("Content-Length\t: 5\r\n", "hello"), want: "400 | close"},
		{name: "space in front of the name", in: post(" Content-Length: 5\r\n", "hello"), want: "400 | close"},
		{name: "LF at the end", in: post("Content-Length: 5\n", "hello"), want: "400 | close"},
		{name: "9 digits", in: post("Content-Length: 999999999\r\n", "hello"), want: "413 | close"},
		{name: "2^31", in: post("Content-Length: 2147483648\r\n", "hello"), want: "413 | close"},
		{name: "2^32 + 5", in: post("Content-Length: 4294967301\r\n", "hello"), want: "413 | close"},
		{name: "2^63 - 1", in: post("Content-Length: 9223372036854775807\r\n", "hello"), want: "413 | close"},
		{name: "2^63", in: post("Content-Length: 9223372036854775808\r\n", "hello"), want: "400/413 | close"},
		{name: "2^64 + 5", in: post("Content-Length: 18446744073709551621\r\n", "hello"), want: "400/413 | close"},
		{name: "100 digits", in: post("Content-Length: "+strings.Repeat("9", 100)+"\r\n", "hello"), want: "400/413 | close"},
	}
	for _, v := range []string{"", "+5", "-5", "-0", "0x5", "0X5", "5x", "x5", "5 5", "5, 5", "5,5", "5,6", "5,", ",5", "5;", "5.0", "5e0", "5_0", "5 6",
		"five", "\xef\xbc\x95", "5\xa0", "\"5\"", "'5'", "(5)", "5\x00", "\x005", "5\v", "\f5", "5\x7f", "chunked", "0, 0", "٥", "½", "--5", "+ 5", "NaN", "Infinity"} {
		rows = append(rows, row{name: fmt.Sprintf("%q", v), in: post("Content-Length: "+v+"\r\n", "hello"), want: "400 | close"})
	}
	table(t, rows)
}

var allBytes = func() string {
	p := make([]byte, 256)
	for i := range p {
		p[i] = byte(i)
	}
	return string(p)
}()

// Transfer-Encoding is one chunked, whatever its case, and never together with Content-Length (RFC 9112 sections 6.1 and 6.3).
func TestTransferEncoding(t *testing.T) {
	const body = "5\r\nhello\r\n0\r\n\r\n"
	rows := []row{
		{name: "chunked", in: post("Transfer-Encoding: chunked\r\n", body), want: `POST / transfer-encoding=chunked "hello" | open`},
		{name: "Chunked", in: post("Transfer-Encoding: Chunked\r\n", body), want: `POST / transfer-encoding=Chunked "hello" | open`},
		{name: "CHUNKED", in: post("TRANSFER-ENCODING: CHUNKED\r\n", body), want: `POST / transfer-encoding=CHUNKED "hello" | open`},
		{name: "no space", in: post("Transfer-Encoding:chunked\r\n", body), want: `POST / transfer-encoding=chunked "hello" | open`},
		{name: "spaces around", in: post("Transfer-Encoding: \t chunked \t \r\n", body), want: `POST / transfer-encoding=chunked "hello" | open`},
		{name: "of a GET", in: get("Transfer-Encoding: chunked\r\n") + body, want: `GET / transfer-encoding=chunked "hello" | open`},
		{name: "of a HEAD", in: "HEAD / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body,
			want: `HEAD / transfer-encoding=chunked "hello" | open`},
		{name: "of 1.2", in: "POST / HTTP/1.2\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body,
			want: `POST / transfer-encoding=chunked "hello" | open`},
		{name: "in 1.0", in: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + body, want: "400 | close"},
		{name: "in 1.0 with keep-alive", in: "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + body, want: "400 | close"},
		{name: "Content-Length in front", in: post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", body), want: "400 | close"},
		{name: "Content-Length behind", in: post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", body), want: "400 | close"},
		{name: "Content-Length 0", in: post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", body), want: "400 | close"},
		{name: "Content-Length that is right", in: post("Transfer-Encoding: chunked\r\nContent-Length: 15\r\n", body), want: "400 | close"},
		{name: "Content-Length and an unknown coding", in: post("Transfer-Encoding: x\r\nContent-Length: 5\r\n", "hello"), want: "400/501 | close"},
		{name: "Content-Length and identity", in: post("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello"), want: "400/501 | close"},
		{name: "Content-Length and nothing", in: post("Transfer-Encoding:\r\nContent-Length: 5\r\n", "hello"), want: "400 | close"},
		{name: "both, and a request hidden by either", in: post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: h\r\n\r\n"), want: "400 | close"},
		{name: "two chunked", in: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", body), want: "400 | close"},
		{name: "chunked and identity in two", in: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", body), want: "400/501 | close"},
		{name: "chunked and something in two", in: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", body), want: "400/501 | close"},
		{name: "something and chunked in two", in: post("Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n", body), want: "400/501 | close"},
		{name: "gzip and chunked in two", in: post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", body), want: "501 | close"},
		{name: "chunked and an empty one", in: post("Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n", body), want: "400/501 | close"},
		{name: "gzip, chunked", in: post("Transfer-Encoding: gzip, chunked\r\n", body), want: "501 | close"},
		{name: "gzip,chunked", in: post("Transfer-Encoding: gzip,chunked\r\n", body), want: "501 | close"},
		{name: "deflate, chunked", in: post("Transfer-Encoding: deflate, chunked\r\n", body), want: "501 | close"},
		{name: "cow, chunked", in: post("Transfer-Encoding: cow, chunked\r\n", body), want: "501 | close"},
		{name: "chunked, gzip", in: post("Transfer-Encoding: chunked, gzip\r\n", body), want: "400 | close"},
		{name: "chunked, chunked", in: post("Transfer-Encoding: chunked, chunked\r\n", body), want: "400 | close"},
		{name: "chunked, identity", in: post("Transfer-Encoding: chunked, identity\r\n", body), want: "400 | close"},
		{name: "folded", in: post("Transfer-Encoding:\r\n chunked\r\n", body), want: "400 | close"},
		{name: "folded behind", in: post("Transfer-Encoding: chunked\r\n , x\r\n", body), want: "400 | close"},
		{name: "space before the colon", in: post("Transfer-Encoding : chunked\r\n", body), want: "400 | close"},
		{name: "space in front of the name", in: post(" Transfer-Encoding: chunked\r\n", body), want: "400 | close"},
		{name: "tab in front of the name", in: post("A: b\r\n\tTransfer-Encoding: chunked\r\n", body), want: "400 | close"},
		{name: "LF in front", in: post("A: b\nTransfer-Encoding: chunked\r\n", body), want: "400 | close"},
		{name: "CR in front", in: post("A: b\rTransfer-Encoding: chunked\r\n", body), want: "400 | close"},
		{name: "NUL in the name", in: post("Transfer\x00-Encoding: chunked\r\n", body), want: "400 | close"},
		{name: "quoted name", in: post("\"Transfer-Encoding\": chunked\r\n", body), want: "400 | close"},
	}
	for _, v := range []string{"\vchunked", "chunked\v", "\fchunked", "chunked\x00", "\x00chunked", "chunked\x7f", "chun\x00ked", "chunked\rx", "chunked\nx", "\rchunked"} {
		rows = append(rows, row{name: fmt.Sprintf("%q", v), in: post("Transfer-Encoding: "+v+"\r\n", body), want: "400 | close"})
	}
	for _, v := range []string{"", "identity", "gzip", "x", "xchunked", "chunkedx", "chunke", "chunked-", "chunked;", "chunked; a=b", "chunked;q=1",
		"'chunked'", "\"chunked\"", "(chunked)", "chunked x", "x chunked", "chunked\tx", "chunked chunked", "chunked;gzip", "[chunked]", "chunked/1", "=chunked",
		"chunked, x", "x, chunked, x", "identity, x", "\xffchunked", "chunked\xff", "chunked\xa0", "\xc2\xa0chunked", "\u212Ahunked", "c\u04bbunked", "chun\u212Aed"} {
		rows = append(rows, row{name: fmt.Sprintf("%q", v), in: post("Transfer-Encoding: "+v+"\r\n", body), want: "400/501 | close"})
	}
	// Empty elements of a list are allowed to be there by RFC 9110 section 5.6.1.2. Nobody sends them but to find two servers that
	// do not agree.
	for _, v := range []string{",chunked", "chunked,", ", chunked", "chunked, ,", ",", ",,chunked,,"} {
		rows = append(rows, row{name: fmt.Sprintf("%q", v), in: post("Transfer-Encoding: "+v+"\r\n", body), want: "400/501 | close"})
	}
	table(t, rows)
}
