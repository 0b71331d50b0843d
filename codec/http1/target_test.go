package http1_test

import (
	"fmt"
	"testing"
)

// A target has one of four forms (RFC 9112 section 3.2). Bytes that no URI can have are refused.
func TestTarget(t *testing.T) {
	good := func(method, target string) row {
		return row{name: method + " " + target, in: line(method + " " + target + " HTTP/1.1"), want: method + " " + target + " | open"}
	}
	bad := func(method, target string) row {
		return row{name: fmt.Sprintf("%s %q", method, target), in: line(method + " " + target + " HTTP/1.1"), want: "400 | close"}
	}
	rows := []row{
		good("GET", "/"),
		good("GET", "/a/b/c"),
		good("GET", "/a?b=c&d=%20e"),
		good("GET", "/?"),
		good("GET", "/??"),
		good("GET", "//"),
		good("GET", "//h/a"), // a path that begins with an empty segment, RFC 9112 section 3.2.1
		good("GET", "/../.."),
		good("GET", "/%2e%2E/%00"),
		good("GET", "/-._~!$&'()*+,;=:@"),
		good("GET", "/a?/b?c:d@e"),
		good("GET", "/http://h/"),
		good("GET", "/*"),
		good("GET", "http://h"),
		good("GET", "http://h/"),
		good("GET", "http://h/a?b"),
		good("GET", "http://h?b"),
		good("GET", "http://h:8080/a"),
		good("GET", "http://[::1]/a"),
		good("GET", "http://[::1]:8080/a"),
		good("GET", "https://h/a"),
		good("GET", "HTTP://H/a"),
		good("GET", "http://other/a"), // Host is ignored then, RFC 9112 section 3.2.2
		good("POST", "http://h/a"),
		good("OPTIONS", "*"),
		good("OPTIONS", "/a"),
		good("OPTIONS", "http://h"),
		good("OPTIONS", "http://h/a"),

		bad("GET", "*"),
		bad("POST", "*"),
		bad("HEAD", "*"),
		bad("options", "*"),
		bad("OPTIONS", "**"),
		bad("OPTIONS", "*/a"),
		bad("OPTIONS", "*?a"),
		bad("GET", "a"),
		bad("GET", "a/b"),
		bad("GET", "?a"),
		bad("GET", "h:443"),
		bad("GET", "h"),
		bad("GET", ":"),
		bad("GET", "./a"),
		bad("GET", `\a`),
		bad("GET", "http:"),
		bad("GET", "http:/"),
		bad("GET", "http:/a"),
		bad("GET", "http:a"),
		bad("GET", "http://"),
		bad("GET", "http:///a"), // RFC 9110 section 4.2.1
		bad("GET", "http://?a"),
		bad("GET", "http://:80/"),
		bad("GET", "://h/"),
		bad("GET", "1http://h/"),
		bad("GET", "-http://h/"),
		bad("GET", "ht_tp://h/"),
		bad("GET", "http://h:port/"),
		bad("GET", "http://h:80:80/"),
		bad("GET", "http://[::1/"),
		bad("GET", "http://::1]/"),
		bad("GET", "http://u@h/"), // RFC 9110 section 4.2.4
		bad("GET", "http://u:p@h/"),
		bad("GET", `http://h\a/`),
		bad("GET", "/a b"),
		bad("GET", "/#"),
		bad("GET", "/a#b"),
		bad("GET", "#"),
		bad("GET", "http://h/#a"),
		bad("GET", "/\x00"),
		bad("GET", "/a\x01"),
		bad("GET", "/a\tb"),
		bad("GET", "/a\x1fb"),
		bad("GET", "/a\x7fb"),
		bad("GET", "/a\x80b"),
		bad("GET", "/\xc3\xa4"),
		bad("GET", "/\xff"),
		bad("GET", "http://h\xc3\xa4/"),
		bad("OPTIONS", "h:443"),
		bad("OPTIONS", "/ *"),
	}
	table(t, rows)
}

// Targets of CONNECT are an authority with a port, and nothing else has that form (RFC 9112 section 3.2.3, RFC 9110 section 9.3.6).
// Behind a CONNECT that was refused nothing is read: it may have been meant for the tunnel (RFC 9931 section 8).
func TestConnectTarget(t *testing.T) {
	var rows []row
	for _, target := range []string{"h:443", "h:1", "h:65535", "example.org:80", "127.0.0.1:8080", "[::1]:443", "h%41:0443", "H:443"} {
		rows = append(rows, row{name: target, in: line("CONNECT " + target + " HTTP/1.1"), want: "CONNECT " + target + " | close"})
	}
	for _, target := range []string{"/", "/a", "*", "h", "h:", ":443", ":", "http://h:443", "http://h:443/", "h:443/", "h:443?a", "h:port",
		"h:44a", "h:+443", "h:-1", "h:0x1b", "h: 443", "h:99999", "h:65536", "h:184467440737095516163", "u@h:443", "h:80:443", "[::1:443",
		"::1]:443", "::1:443", "h#:443", "h\x80:443", "a,b c:443"} {
		rows = append(rows, row{name: fmt.Sprintf("%q", target), in: line("CONNECT " + target + " HTTP/1.1"), want: "400 | close"})
	}
	table(t, rows)
}

// There is one Host in a request of HTTP/1.1, and it is a host with perhaps a port (RFC 9112 section 3.2).
func TestHost(t *testing.T) {
	with := func(fields string) string { return "GET / HTTP/1.1\r\n" + fields + "\r\n" }
	rows := []row{
		{name: "none", in: with(""), want: "400 | close"},
		{name: "none, other fields", in: with("A: b\r\nAccept: */*\r\n"), want: "400 | close"},
		{name: "none, absolute target", in: "GET http://h/ HTTP/1.1\r\n\r\n", want: "400 | close"},
		{name: "none in 1.2", in: "GET / HTTP/1.2\r\n\r\n", want: "400 | close"},
		{name: "none in 1.0", in: "GET / HTTP/1.0\r\n\r\n", want: "GET / 1.0 | close"},
		{name: "two", in: with("Host: h\r\nHost: i\r\n"), want: "400 | close"},
		{name: "two equal", in: with("Host: h\r\nHost: h\r\n"), want: "400 | close"},
		{name: "two, one in lower case", in: with("Host: h\r\nA: b\r\nhost: h\r\n"), want: "400 | close"},
		{name: "two, one empty", in: with("Host: h\r\nHost:\r\n"), want: "400 | close"},
		{name: "two in 1.0", in: "GET / HTTP/1.0\r\nHost: h\r\nHost: i\r\n\r\n", want: "400 | close"},
		{name: "three", in: with("Host: h\r\nHost: h\r\nHost: h\r\n"), want: "400 | close"},
		{name: "invalid in 1.0", in: "GET / HTTP/1.0\r\nHost: a/b\r\n\r\n", want: "400 | close"},
		{name: "name in lower case", in: with("host: h\r\n"), want: "GET / | open"},
		{name: "name in upper case", in: with("HOST: h\r\n"), want: "GET / | open"},
		{name: "last of many", in: with("A: b\r\nB: c\r\nHost: h\r\n"), want: "GET / a=b b=c | open"},
		{name: "no space", in: with("Host:h\r\n"), want: "GET / | open"},
		{name: "spaces and tabs", in: with("Host: \t h \t\r\n"), want: "GET / | open"},
		{name: "empty", in: with("Host:\r\n"), want: "GET / host= | open"}, // a target without an authority, RFC 9112 section 3.2
		{name: "only spaces", in: with("Host:  \r\n"), want: "GET / host= | open"},
		{name: "folded", in: with("Host: h\r\n i\r\n"), want: "400 | close"},
		{name: "in front of a space and colon", in: with("Host : h\r\n"), want: "400 | close"},
	}
	for _, h := range []string{"example.org", "EXAMPLE.org", "h:80", "h:", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:443", "a-b_c.d",
		"h.", "[2001:db8::1]:1", "[1:2:3:4:5:6:7:8]", "[::ffff:127.0.0.1]", "[::]", "xn--bcher-kva.example", "%41", "h:65535", "[v1.a:b]", "!$&'()*+,;=~"} {
		rows = append(rows, row{name: h, in: with("Host: " + h + "\r\n"), want: "GET / " + showField([]byte("host"), []byte(h)) + " | open"})
	}
	for _, h := range []string{"a b", "a/b", "h/", "http://h", "u@h", "h?a", "h#a", `a\b`, `"h"`, "<h>", "h:port", "h:80a", "h:80:80", "h: 80", "h :80",
		"[::1", "::1]", "::1", "[]", "[::1]a", "[:::1]", "[1::2::3]", "[1:2:3]", "[1:2:3:4:5:6:7:8:9]", "[12345::]", "[127.0.0.1]", "[abc]", "[::1%25eth0]", "a[b]", "h:+80", "h:-1", "h,i j", "{h}", "h^", "h|i", "h`", "b\xc3\xbccher", "h\x7f", "h\x00", "h\x0b", "%", "%4", "%zz"} {
		rows = append(rows, row{name: fmt.Sprintf("invalid %q", h), in: with("Host: " + h + "\r\n"), want: "400 | close"})
	}
	table(t, rows)
}
