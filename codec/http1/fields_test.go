package http1_test

import (
	"fmt"
	"strings"
	"testing"
)

// RFC 9112 section 5 and RFC 9110 section 5.5: what a field is, and what is refused since others read it in other ways.
func TestFields(t *testing.T) {
	good := func(name, fields, shown string) row {
		return row{name: name, in: get(fields), want: "GET /" + shown + " | open"}
	}
	bad := func(name, fields string) row { return row{name: name, in: get(fields), want: "400 | close"} }
	long := strings.Repeat("v", 3000)
	table(t, []row{
		good("one", "A: b\r\n", " a=b"),
		good("several", "A: b\r\nC: d\r\nE: f\r\n", " a=b c=d e=f"),
		good("no space", "A:b\r\n", " a=b"),
		good("tab", "A:\tb\r\n", " a=b"),
		good("spaces around", "A: \t  b \t \r\n", " a=b"),
		good("spaces inside", "A: b  c\td\r\n", ` a="b  c\td"`),
		good("empty", "A:\r\n", " a="),
		good("empty but for space", "A: \r\n", " a="),
		good("empty but for tabs", "A:\t\t\r\n", " a="),
		good("same name twice", "A: b\r\nA: c\r\n", " a=b a=c"),
		good("same name in another case", "Ab: b\r\naB: c\r\n", " ab=b ab=c"),
		good("colons in the value", "A: b:c: d\r\n", ` a="b:c: d"`),
		good("value begins with a colon", "A::b\r\n", " a=:b"),
		good("quotes", `A: "b, \"c"`+"\r\n", ` a="\"b, \\\"c\""`),
		good("comment", "A: (b)\r\n", " a=(b)"),
		good("all of tchar", "!#$%&'*+-.^_`|~09azAZ: b\r\n", " !#$%&'*+-.^_`|~09azaz=b"),
		good("one letter", "a:b\r\n", " a=b"),
		good("digits", "123: 4\r\n", " 123=4"),
		good("underscore", "A_B: c\r\n", " a_b=c"),
		good("obs-text", "A: \x80\xff\r\n", ` a="\x80\xff"`),
		good("UTF-8", "A: \xc3\xa4\r\n", ` a="\u00e4"`),
		good("long value", "A: "+long+"\r\n", " a="+long),
		good("long name", strings.Repeat("n", 200)+": v\r\n", " "+strings.Repeat("n", 200)+"=v"),
		good("a value of every length up to 20", func() (s string) {
			for i := range 20 {
				s += "A:" + long[:i] + "\r\n"
			}
			return s
		}(), func() (s string) {
			for i := range 20 {
				s += " a=" + long[:i]
			}
			return s
		}()),

		bad("folded with a space", "A: b\r\n c\r\n"),
		bad("folded with a tab", "A: b\r\n\tc\r\n"),
		bad("folded, empty", "A: b\r\n \r\n"),
		bad("folded behind an empty value", "A:\r\n b\r\n"),
		bad("folded, looks like a field", "A: b\r\n C: d\r\n"),
		bad("space before the colon", "A : b\r\n"),
		bad("tab before the colon", "A\t: b\r\n"),
		bad("space inside the name", "A B: c\r\n"),
		bad("no name", ": b\r\n"),
		bad("no name and no value", ":\r\n"),
		bad("only a space for a name", " : b\r\n"),
		bad("no colon", "A\r\n"),
		bad("no colon, text", "A b c\r\n"),
		bad("no colon, equals sign", "A=b\r\n"),
		bad("LF at the end", "A: b\n"),
		bad("LF at the end of the one before", "A: b\nC: d\r\n"),
		bad("CR at the end", "A: b\rC: d\r\n"),
		bad("CR CR LF at the end", "A: b\r\r\n"),
		bad("CR in the value", "A: b\rc\r\n"),
		bad("CR first in the value", "A:\rb\r\n"),
		bad("CR in the name", "A\rB: c\r\n"),
		bad("LF in the name", "A\nB: c\r\n"),
		bad("line break in the name", "A\r\nB: c\r\n"),
		bad("LF CR", "A: b\n\rC: d\r\n"),
		bad("CR behind the last", "A: b\r\n\rC: d\r\n"),
		bad("a status line", "HTTP/1.1 200 OK\r\n"),
		bad("a request line", "GET /x HTTP/1.1\r\n"),
	})
}

// A head ends with CR LF, whatever stands in front of it.
func TestHeadEnd(t *testing.T) {
	table(t, []row{
		{name: "LF LF", in: "GET / HTTP/1.1\r\nHost: h\n\n", want: "400 | close"},
		{name: "CR LF LF", in: "GET / HTTP/1.1\r\nHost: h\r\n\n", want: "400 | close"},
		{name: "LF CR LF", in: "GET / HTTP/1.1\r\nHost: h\n\r\n", want: "400 | close"},
		{name: "CR CR", in: "GET / HTTP/1.1\r\nHost: h\r\r" + get(), want: "400 | close"},
		{name: "CR LF CR CR LF", in: "GET / HTTP/1.1\r\nHost: h\r\n\r\r\n", want: "400 | close"},
		{name: "CR LF CR GET", in: "GET / HTTP/1.1\r\nHost: h\r\n\r" + get(), want: "400 | close"},
		{name: "all LF", in: "GET / HTTP/1.1\nHost: h\n\n", want: "400 | close"},
		{name: "space in front of the first field", in: "GET / HTTP/1.1\r\n Host: h\r\n\r\n", want: "400 | close"},
		{name: "space in front of an ignored line", in: "GET / HTTP/1.1\r\n x\r\nHost: h\r\n\r\n", want: "400 | close"},
		{name: "tab in front of the first field", in: "GET / HTTP/1.1\r\n\tHost: h\r\n\r\n", want: "400 | close"},
		{name: "space in front of the empty line", in: "GET / HTTP/1.1\r\nHost: h\r\n \r\n", want: "400 | close"},
		{name: "space for a head", in: "GET / HTTP/1.0\r\n \r\n", want: "400 | close"},
	})
}

// Every byte is tried in a name and in a value.
func TestFieldBytes(t *testing.T) {
	const tchar = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	l := newLab(t)
	defer l.close()
	for i := range 256 {
		c := string([]byte{byte(i)})
		name := row{in: get("X" + c + "Y: z\r\n"), want: "400 | close"}
		switch {
		case c == ":":
			name.want = `GET / x="Y: z" | open`
		case strings.Contains(tchar, c):
			name.want = "GET / " + showField([]byte("x"+c+"y"), []byte("z")) + " | open"
		}
		value := row{in: get("X: y" + c + "z\r\n"), want: "GET / " + showField([]byte("x"), []byte("y"+c+"z")) + " | open"}
		if c != "\t" && c < " " || c == "\x7f" { // RFC 9110 section 5.5
			value.want = "400 | close"
		}
		// Spaces in front shift the byte through the words that are looked at in one go.
		shifted := row{in: get("X: 1234567" + strings.Repeat("8", i%8) + c + "z\r\n"), want: value.want}
		shifted.want = strings.Replace(value.want, showField([]byte("x"), []byte("y"+c+"z")),
			showField([]byte("x"), []byte("1234567"+strings.Repeat("8", i%8)+c+"z")), 1)
		for what, r := range map[string]row{"name": name, "value": value, "value, shifted": shifted} {
			for _, w := range []way{{name: "whole", feed: whole}, {name: "byte by byte", feed: each}} {
				w.name = fmt.Sprintf("%q in a %s, %s", c, what, w.name)
				r.playOnce(l, w)
			}
		}
	}
}

// What stands in fields that no one reads is not looked into.
func TestFieldsThatAreNotRead(t *testing.T) {
	table(t, []row{
		{name: "names that only look like framing", in: get("Content-Length-X: 5\r\nXTransfer-Encoding: chunked\r\n"),
			want: "GET / content-length-x=5 xtransfer-encoding=chunked | open"},
		{name: "underscores", in: get("Content_Length: 5\r\nTransfer_Encoding: chunked\r\n"),
			want: "GET / content_length=5 transfer_encoding=chunked | open"},
		{name: "cookies", in: get("Cookie: a=b; c=d\r\nCookie: e=f\r\n"), want: `GET / cookie="a=b; c=d" cookie="e=f" | open`},
		{name: "TE", in: get("TE: trailers\r\nConnection: TE\r\n"), want: "GET / te=trailers connection=TE | open"},
		{name: "Trailer", in: get("Trailer: X\r\n"), want: "GET / trailer=X | open"},
		{name: "Keep-Alive", in: get("Keep-Alive: timeout=5\r\n"), want: `GET / keep-alive="timeout=5" | open`},
		{name: "Upgrade, not named by Connection", in: get("Upgrade: websocket\r\n"), want: "GET / upgrade=websocket | open"},
		{name: "Upgrade that nobody makes", in: get("Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
			want: "GET / connection=Upgrade upgrade=h2c http2-settings=AAMAAABkAAQAAP__ | open"},
		{name: "Proxy-Connection", in: get("Proxy-Connection: close\r\n"), want: "GET / proxy-connection=close | open"},
		{name: "what curl sends", in: get("User-Agent: curl/8.5.0\r\nAccept: */*\r\n"), want: "GET / user-agent=curl/8.5.0 accept=*/* | open"},
	})
}
