package http1_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
)

const chunkedField = "Transfer-Encoding: chunked\r\n"

// chunks is a request with this body.
func chunks(body string) string { return post(chunkedField, body) }

// chunky is what is shown of it.
func chunky(body string) string {
	s := "POST / transfer-encoding=chunked"
	if body != "" {
		s += fmt.Sprintf(" %q", body)
	}
	return s
}

// RFC 9112 section 7.1. Between the head and the end of a chunked body there is no byte that is not looked at.
func TestChunks(t *testing.T) {
	good := func(name, in, body string) row {
		return row{name: name, in: chunks(in), want: chunky(body) + " | open"}
	}
	bad := func(name, in string) row { return row{name: name, in: chunks(in), want: "400 | close"} }
	wait := func(name, in string) row { return row{name: name, in: chunks(in), want: "wait"} }
	a16, a160 := strings.Repeat("a", 16), strings.Repeat("a", 160)
	table(t, []row{
		good("empty", "0\r\n\r\n", ""),
		good("one", "5\r\nhello\r\n0\r\n\r\n", "hello"),
		good("several", "1\r\nh\r\n2\r\nel\r\n2\r\nlo\r\n0\r\n\r\n", "hello"),
		good("one byte each", "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n", "abc"),
		good("upper case", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
		good("lower case", "a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
		good("two digits", "10\r\n"+a16+"\r\n0\r\n\r\n", a16),
		good("letters", "a0\r\n"+a160+"\r\n0\r\n\r\n", a160),
		good("leading zeros", "0005\r\nhello\r\n0\r\n\r\n", "hello"),
		good("last with several zeros", "5\r\nhello\r\n000\r\n\r\n", "hello"),
		good("data that looks like an end", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
		good("data that looks like a chunk", "8\r\n3\r\nabc\r\n\r\n0\r\n\r\n", "3\r\nabc\r\n"),
		good("every byte", "100\r\n"+allBytes+"\r\n0\r\n\r\n", allBytes),
		good("behind CR LF in the data", "2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),

		bad("size is empty", "\r\nhello\r\n0\r\n\r\n"),
		bad("size is empty, behind a chunk", "5\r\nhello\r\n\r\n0\r\n\r\n"),
		bad("space in front of the size", " 5\r\nhello\r\n0\r\n\r\n"),
		bad("tab in front of the size", "\t5\r\nhello\r\n0\r\n\r\n"),
		bad("space behind the size", "5 \r\nhello\r\n0\r\n\r\n"),
		bad("tab behind the size", "5\t\r\nhello\r\n0\r\n\r\n"),
		bad("space behind the last size", "5\r\nhello\r\n0 \r\n\r\n"),
		bad("space in the size", "0 5\r\nhello\r\n0\r\n\r\n"),
		bad("0x", "0x5\r\nhello\r\n0\r\n\r\n"),
		bad("0X", "0X5\r\nhello\r\n0\r\n\r\n"),
		bad("x", "x5\r\nhello\r\n0\r\n\r\n"),
		bad("h", "5h\r\nhello\r\n0\r\n\r\n"),
		bad("minus", "-5\r\nhello\r\n0\r\n\r\n"),
		bad("minus 0", "-0\r\n\r\n"),
		bad("plus", "+5\r\nhello\r\n0\r\n\r\n"),
		bad("g", "g\r\nhello\r\n0\r\n\r\n"),
		bad("underscore", "0_5\r\nhello\r\n0\r\n\r\n"),
		bad("comma", "5,5\r\nhello\r\n0\r\n\r\n"),
		bad("dot", "5.0\r\nhello\r\n0\r\n\r\n"),
		bad("quotes around the size", "\"5\"\r\nhello\r\n0\r\n\r\n"),
		bad("NUL", "5\x00\r\nhello\r\n0\r\n\r\n"),
		bad("digit that is not ASCII", "\xef\xbc\x95\r\nhello\r\n0\r\n\r\n"),
		bad("vertical tab", "5\v\r\nhello\r\n0\r\n\r\n"),
		bad("LF behind the size", "5\nhello\r\n0\r\n\r\n"),
		bad("CR behind the size", "5\rhello\r\n0\r\n\r\n"),
		bad("CR CR LF behind the size", "5\r\r\nhello\r\n0\r\n\r\n"),
		bad("LF behind the data", "5\r\nhello\n0\r\n\r\n"),
		bad("CR behind the data", "5\r\nhello\r0\r\n\r\n"),
		bad("CR CR LF behind the data", "5\r\nhello\r\r\n0\r\n\r\n"),
		bad("nothing behind the data", "5\r\nhello0\r\n\r\n"),
		bad("two bytes behind the data", "5\r\nhelloXX0\r\n\r\n"), // CVE-2023-class: some skip them unseen
		bad("space behind the data", "5\r\nhello \r\n0\r\n\r\n"),
		bad("size too small", "4\r\nhello\r\n0\r\n\r\n"),
		bad("size too large", "6\r\nhello\r\n0\r\n\r\n"),
		bad("LF behind the last size", "5\r\nhello\r\n0\n\r\n"),
		bad("LF LF at the end", "5\r\nhello\r\n0\n\n"),
		bad("LF at the end", "5\r\nhello\r\n0\r\n\n"),
		bad("CR CR LF at the end", "5\r\nhello\r\n0\r\n\r\r\n"),
		bad("CR and text at the end", "5\r\nhello\r\n0\r\n\rX"),
		bad("CR behind the last size", "5\r\nhello\r\n0\r\r\n"),
		bad("no chunks at all", "hello"),
		bad("a request", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
		bad("size of 17 digits", "fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
		bad("size of 2^64 + 5", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
		bad("size of 100 digits", strings.Repeat("f", 100)+"\r\nhello\r\n0\r\n\r\n"),
		bad("100,000 leading zeros", strings.Repeat("0", 100_000)),

		wait("no size", ""),
		wait("size without an end", "5"),
		wait("size without LF", "5\r"),
		wait("no data", "5\r\n"),
		wait("some data", "5\r\nhell"),
		wait("data without an end", "5\r\nhello"),
		wait("data without LF", "5\r\nhello\r"),
		wait("no last chunk", "5\r\nhello\r\n"),
		wait("last size without an end", "5\r\nhello\r\n0"),
		wait("no last line", "5\r\nhello\r\n0\r\n"),
		wait("no last LF", "5\r\nhello\r\n0\r\n\r"),
	})
}

// Sizes that a number of 64 bits holds but nobody wants: RFC 9112 section 7.1 asks to expect them.
func TestLargeChunks(t *testing.T) {
	for _, size := range []string{"100001", "7fffffff", "80000000", "ffffffff", "100000005", "7fffffffffffffff", "8000000000000000", "8000000000000005",
		"ffffffffffffffff", "fffffffffffffffb"} {
		table(t, []row{
			{name: size, in: chunks(size + "\r\nhello\r\n0\r\n\r\n"), want: "400/413 | close"},
			{name: size + " behind another", in: chunks("5\r\nhello\r\n" + size + "\r\nhello\r\n0\r\n\r\n"), want: "400/413 | close"},
		})
	}
}

// Extensions are read over (RFC 9112 section 7.1.1), if they are some.
func TestChunkExtensions(t *testing.T) {
	var rows []row
	for _, x := range []string{";a", ";a=b", ";a=b;c=d", ";a;b;c", `;a="b"`, `;a="b;c"`, `;a="b c\td"`, `;a="\"\\"`, `;a=""`, ";a=1", ";!#$%&'*+-.^_`|~=x",
		" ;a", "\t;a", " ; a", "; a = b", ";a =b", ";a= b", `;a = "b" ; c`, ";a=\"\x80\xff\"", ";a=\"\t\""} {
		rows = append(rows,
			row{name: x, in: chunks("5" + x + "\r\nhello\r\n0\r\n\r\n"), want: chunky("hello") + " | open"},
			row{name: x + " of the last", in: chunks("5\r\nhello\r\n0" + x + "\r\n\r\n"), want: chunky("hello") + " | open"})
	}
	for _, x := range []string{";a\n", ";a\r", ";\n", ";a=b\nx", ";a\rb", ";a=\"\n\"", ";a=\"\r\"", ";a=\"\r\n\"", ";a=\"b\\\n\"", ";a\x00", ";a=b\x00", ";a=\"\x00\"", ";a\x7f",
		";a\x01=b", ";a=\x1b", ";a\v", ";a\r\r", ";\r", "\n;a", ";a\n5\r\nhello\r\n0\r\n\r\n"} {
		rows = append(rows,
			row{name: fmt.Sprintf("%q", x), in: chunks("5" + x + "\r\nhello\r\n0\r\n\r\n"), want: "400 | close"},
			row{name: fmt.Sprintf("%q of the last", x), in: chunks("5\r\nhello\r\n0" + x + "\r\n\r\n"), want: "400 | close"})
	}
	for _, x := range []string{" a", ",a", "=a", ":a", "a;", "\"a\"", " a=b", "  5"} { // not behind a semicolon
		rows = append(rows, row{name: fmt.Sprintf("%q", x), in: chunks("5" + strings.ReplaceAll(x, "a", "x") + "\r\nhello\r\n0\r\n\r\n"), want: "400 | close"})
	}
	for _, x := range []string{";", ";;", ";=", ";=b", ";a=", ";a;", ";a b", ";a=b c", `;a="b`, `;a="b"c`, `;a="b\`, ";a==b", ";a=(b)", ";@", ";a, b", `;"a"`, ";a=\x80"} { // behind one
		rows = append(rows, row{name: fmt.Sprintf("%q", x), in: chunks("5" + x + "\r\nhello\r\n0\r\n\r\n"), want: "400 | close"})
	}
	table(t, append(rows,
		row{name: "long", in: chunks("5;a=" + strings.Repeat("b", 200) + "\r\nhello\r\n0\r\n\r\n"), want: chunky("hello") + " | open"},
		row{name: "too long", in: chunks("5;a=" + strings.Repeat("b", 20_000) + "\r\nhello\r\n0\r\n\r\n"), want: "400/413/431 | close"},
		row{name: "without end", in: chunks("5;a=" + strings.Repeat("b", 20_000)), want: "400/413/431 | close"},
		row{name: "many, each small", in: chunks(strings.Repeat("1;a="+strings.Repeat("b", 500)+"\r\nx\r\n", 1000) + "0\r\n\r\n"), want: "400/413/431 | close"},
	))
}

// RFC 9112 section 7.1.2, RFC 9110 section 6.5.
func TestTrailers(t *testing.T) {
	const hello = "5\r\nhello\r\n0\r\n"
	good := func(name, trailer, shown string) row {
		return row{name: name, in: chunks(hello + trailer + "\r\n"), want: chunky("hello") + shown + " | open"}
	}
	bad := func(name, trailer string) row {
		return row{name: name, in: chunks(hello + trailer + "\r\n"), want: "400 | close"}
	}
	table(t, []row{
		good("one", "X: y\r\n", " {x=y}"),
		good("several", "X: y\r\nZ: z\r\nX: x\r\n", " {x=y z=z x=x}"),
		good("empty value", "X:\r\n", " {x=}"),
		good("obs-text", "X: \xff\r\n", ` {x="\xff"}`),
		good("spaces", "X: \t y \t\r\n", " {x=y}"),
		{name: "announced", in: post(chunkedField+"Trailer: X\r\n", hello+"X: y\r\n\r\n"),
			want: `POST / transfer-encoding=chunked trailer=X "hello" {x=y} | open`},
		{name: "of an empty body", in: chunks("0\r\nX: y\r\n\r\n"), want: "POST / transfer-encoding=chunked {x=y} | open"},

		bad("folded", "X: y\r\n z\r\n"),
		bad("space in front", " X: y\r\n"),
		bad("space before the colon", "X : y\r\n"),
		bad("no colon", "X\r\n"),
		bad("no name", ": y\r\n"),
		bad("NUL", "X: \x00\r\n"),
		bad("CR", "X: y\rz\r\n"),
		bad("LF at the end", "X: y\n"),
		bad("CR CR LF", "X: y\r\r\n"),
		bad("name that is no token", "X(Y): z\r\n"),
		bad("a request", "GET /hidden HTTP/1.1\r\nHost: h\r\n"),
		bad("Content-Length", "Content-Length: 5\r\n"),
		bad("content-length", "X: y\r\ncontent-length: 0\r\n"),
		bad("Transfer-Encoding", "Transfer-Encoding: chunked\r\n"),
		bad("Host", "Host: h\r\n"),

		{name: "begun", in: chunks(hello + "X: y"), want: "wait"},
		{name: "without the empty line", in: chunks(hello + "X: y\r\n"), want: "wait"},
		{name: "too many", in: chunks(hello + strings.Repeat("X: y\r\n", 1000) + "\r\n"), want: "400/431 | close"},
		{name: "too large", in: chunks(hello + "X: " + strings.Repeat("y", 100_000) + "\r\n\r\n"), want: "400/431 | close"},
		{name: "without end", in: chunks(hello + "X: " + strings.Repeat("y", 100_000)), want: "400/431 | close"},
		{name: "a few too many", in: chunks(hello + "X: y\r\nX: y\r\nX: y\r\n\r\n"), want: "400/431 | close",
			with: &http1.Server{Limits: http1.Limits{Fields: 2}}},
		{name: "a little too large", in: chunks(hello + "X: " + strings.Repeat("y", 100) + "\r\n\r\n"), want: "400/431 | close",
			with: &http1.Server{Limits: http1.Limits{Trailer: 100}}},
	})
}
