package http1

import (
	"bytes"
	"net/netip"
	"unsafe"
)

// Pure functions about what a head says of its connection and of its body. Each case has the clause that it follows.

// framing is what a head says about its body and its connection.
type framing struct {
	length int64 // of the body: bytes, or one of these
	close  bool  // Connection: close
	keep   bool  // Connection: keep-alive
	expect bool  // Expect: 100-continue
	// The answer to a request depends on these. They are of the request as it was received, which a handler may have rewritten.
	head, connect bool // the method is HEAD, CONNECT
	old           bool // the version is 1.0
}

const (
	chunked  = -1
	untilEnd = -2 // of the stream
)

// checkRequest returns the framing of a request, or why it is refused.
func checkRequest(r *Request) (framing, *Error) {
	f := framing{head: r.Method == "HEAD", connect: r.Method == "CONNECT", old: r.Minor == 0}
	h := &r.Header
	hosts := 0
	var codings codings
	lengths := 0
	for i := range h.fields {
		field := &h.fields[i]
		if field.is == 0 {
			continue
		}
		value := h.valueOf(field)
		switch at := int(field.value); field.is {
		case knownHost:
			if hosts++; !validHost(value) {
				return f, bad(at, "Host is not a host") // RFC 9112 section 3.2
			}
		case knownLength:
			lengths++
			n, ok := parseLength(value)
			if !ok {
				return f, bad(at, "Content-Length is not a number") // RFC 9112 section 6.3, rule 5
			}
			f.length = n
		case knownCoding:
			codings.add(value)
		case knownConnection:
			f.connection(value)
		case knownExpect:
			if f.expect = equalFold(value, "100-continue"); !f.expect && len(value) > 0 {
				return f, tooLong(417, at, "unknown expectation") // RFC 9110 section 10.1.1
			}
		}
	}
	if hosts > 1 || hosts == 0 && !f.old {
		return f, refuse(400, "not one Host") // RFC 9112 section 3.2
	}
	if lengths > 1 {
		return f, refuse(400, "several Content-Length") // RFC 9110 section 8.6 would allow equal ones
	}
	if codings.any {
		switch {
		case lengths > 0:
			return f, refuse(400, "both Content-Length and Transfer-Encoding") // RFC 9112 section 6.1: an attack
		case f.old:
			return f, refuse(400, "Transfer-Encoding in HTTP/1.0") // RFC 9112 section 6.1
		case codings.empty:
			return f, refuse(400, "Transfer-Encoding has an empty element")
		case codings.chunked != 1 || !codings.last:
			return f, refuse(400, "Transfer-Encoding does not end with one chunked") // RFC 9112 section 6.3, rule 4
		case codings.others:
			return f, refuse(501, "unknown Transfer-Encoding") // RFC 9112 section 6.1
		}
		f.length = chunked
	}
	if f.old {
		f.close = f.close || !f.keep
		f.expect = false // RFC 9110 section 10.1.1
	}
	return f, f.target(r)
}

// target checks that the target has one of the four forms of RFC 9112 section 3.2.
func (f *framing) target(r *Request) *Error {
	t := r.Target
	at := len(r.Method) + 1
	switch {
	case f.connect:
		if colon := bytes.LastIndexByte(t, ':'); colon <= 0 || !validHost(t) || !port(t[colon+1:]) {
			return bad(at, "target of CONNECT is not a host and port")
		}
	case t[0] == '/':
	case len(t) == 1 && t[0] == '*':
		if r.Method != "OPTIONS" {
			return bad(at, "target * is for OPTIONS")
		}
	default:
		start := authority(t)
		if start < 0 {
			return bad(at, "target is neither a path nor a URI")
		}
		end := start
		for end < len(t) && t[end] != '/' && t[end] != '?' {
			end++
		}
		host := t[start:end]
		if len(host) == 0 || host[0] == ':' || !validHost(host) { // RFC 9110 section 4.2.4: no userinfo
			return bad(at+start, "target has no valid host")
		}
	}
	return nil
}

// authority returns where the authority of a URI begins, -1 if it is none.
func authority(t []byte) int {
	for i, c := range t {
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && bytes.HasPrefix(t[i:], []byte("://")):
			return i + 3
		default:
			return -1
		}
	}
	return -1
}

// validHost tells whether p is a host and perhaps a port, or empty: RFC 3986 section 3.2.2, where names, with escapes, and
// IPv4 addresses are not told apart.
func validHost(p []byte) bool {
	i := 0
	if len(p) > 0 && p[0] == '[' {
		allowed := uint8(isHex)
		if len(p) > 1 && p[1]|0x20 == 'v' { // an address of the future
			allowed = isHost
		}
		for i = 1; i < len(p) && (chars[p[i]]&allowed != 0 && p[i] != '%' || p[i] == ':' || p[i] == '.'); i++ {
		}
		if i < 3 || i == len(p) || p[i] != ']' || allowed == isHex && !validIPv6(p[1:i]) {
			return false
		}
		i++
	} else {
		for ; i < len(p) && chars[p[i]]&isHost != 0; i++ {
			if p[i] == '%' && (i+2 >= len(p) || chars[p[i+1]]&chars[p[i+2]]&isHex == 0) {
				return false
			}
		}
	}
	return i == len(p) || p[i] == ':' && (i+1 == len(p) || digits(p[i+1:]))
}

// validIPv6 tells whether p, which has no zone, is an IPv6 address.
func validIPv6(p []byte) bool {
	a, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(p), len(p))) // borrowed: an address without a zone keeps nothing of its text
	return err == nil && a.Is6()
}

func port(p []byte) bool {
	n, ok := parseLength(p)
	return ok && n < 1<<16
}

func digits(p []byte) bool {
	for _, c := range p {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(p) > 0
}

// parseLength reads the value of a Content-Length: digits and nothing else.
func parseLength(p []byte) (int64, bool) {
	const most = 1<<63 - 1
	n := int64(0)
	for _, c := range p {
		if c < '0' || c > '9' || n > (most-int64(c-'0'))/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(p) > 0
}

// connection notes the options of a Connection field, RFC 9110 section 7.6.1.
func (f *framing) connection(value []byte) {
	for len(value) > 0 {
		var option []byte
		option, value = nextToken(value)
		switch {
		case equalFold(option, "close"):
			f.close = true
		case equalFold(option, "keep-alive"):
			f.keep = true
		}
	}
}

// codings is what the Transfer-Encoding fields of a message say together.
type codings struct {
	any     bool
	chunked int
	last    bool // the last one is chunked
	others  bool
	empty   bool // an element is: the RFC has recipients ignore it, but not all do
}

func (c *codings) add(value []byte) {
	c.any = true
	for {
		var coding []byte
		coding, value = nextToken(value)
		switch {
		case equalFold(coding, "chunked"):
			c.chunked++
			c.last = true
		case len(coding) > 0:
			c.others, c.last = true, false
		default:
			c.empty = true
		}
		if value == nil {
			return
		}
	}
}

// checkResponse returns the framing of a response to a request with a method, or why it cannot be accepted: RFC 9112
// section 6.3.
func checkResponse(r *Response, method string) (framing, *Error) {
	var f framing
	h := &r.Header
	var codings codings
	lengths := 0
	for i := range h.fields {
		field := &h.fields[i]
		value := h.valueOf(field)
		switch field.is {
		case knownLength:
			n, ok := parseLength(value)
			if lengths++; !ok || lengths > 1 && n != f.length {
				return f, bad(int(field.value), "Content-Length is not one number")
			}
			f.length = n
		case knownCoding:
			codings.add(value)
		case knownConnection:
			f.connection(value)
		}
	}
	f.close = f.close || r.Minor == 0 && !f.keep
	switch s := r.Status; {
	case s < 200, s == 204, s == 304, method == "HEAD", method == "CONNECT" && s < 300:
		f.length = 0
	case codings.any:
		switch {
		case lengths > 0:
			return f, refuse(0, "both Content-Length and Transfer-Encoding")
		case r.Minor == 0 || codings.others || codings.empty || codings.chunked != 1:
			return f, refuse(0, "unknown Transfer-Encoding")
		}
		f.length = chunked
	case lengths == 0:
		f.length, f.close = untilEnd, true
	}
	return f, nil
}
