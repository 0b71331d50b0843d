package http1

import "fmt"

// The functions here read the text of a message's head, where it lies. They are called with what there is, and return 0
// and no error if it is not all yet; bad input is an error as soon as it can be seen.

// parseRequest reads the head of a request, RFC 9112 sections 3 and 5, and returns how long it is.
func parseRequest(r *Request, p []byte, lim *Limits) (int, *Error) {
	i := 0
	for i < len(p) && chars[p[i]]&isToken != 0 {
		i++
	}
	switch {
	case i > maxMethod:
		return 0, tooLong(501, maxMethod, "method is too long")
	case i == len(p):
		return 0, nil
	case p[i] != ' ' || i == 0:
		return 0, bad(i, unexpected(p[i], "a method"))
	}
	method := i
	i++
	target := i
	for i < len(p) && chars[p[i]]&isTarget != 0 {
		i++
	}
	switch {
	case i > lim.Line:
		return 0, tooLong(414, lim.Line, "request line is too long")
	case i == len(p):
		return 0, nil
	case p[i] != ' ' || i == target:
		return 0, bad(i, unexpected(p[i], "a target"))
	}
	end := i
	minor, next, err := parseVersion(p, i+1)
	if err != nil {
		return 0, err
	}
	if next == 0 {
		return 0, nil
	}
	if i = lineEnd(p, next); i <= 0 {
		return 0, lineError(p, next, i, "the version")
	}
	n, err := r.Header.parse(p, i, lim.Fields, lim.Head)
	if n == 0 {
		return 0, err
	}
	r.Method, r.Target, r.Minor = methodName(p[:method]), p[target:end:end], minor
	return n, nil
}

// parseResponse reads the head of a response, RFC 9112 sections 4 and 5, and returns how long it is.
func parseResponse(r *Response, p []byte, lim *Limits) (int, *Error) {
	minor, i, err := parseVersion(p, 0)
	if i == 0 {
		return 0, err
	}
	if len(p) < i+5 {
		return 0, nil
	}
	status := 0
	for k, c := range p[i+1 : i+4] {
		if c < '0' || c > '9' || k == 0 && c == '0' { // RFC 9110 section 15: from 600 on it is for the client to treat as 5xx
			return 0, bad(i+1+k, unexpected(c, "a status"))
		}
		status = status*10 + int(c-'0')
	}
	if p[i] != ' ' {
		return 0, bad(i, unexpected(p[i], "a status line"))
	}
	i += 4
	reason := i
	if p[i] == ' ' { // RFC 9112 section 4 wants one even if no reason follows; some servers leave both out
		reason++
		for i = control(p, reason); i < len(p) && p[i] == '\t'; {
			i = control(p, i+1)
		}
	}
	switch {
	case i > lim.Line:
		return 0, tooLong(0, lim.Line, "status line is too long")
	case i == len(p):
		return 0, nil
	}
	next := lineEnd(p, i)
	if next <= 0 {
		return 0, lineError(p, i, next, "a status line")
	}
	n, err := r.Header.parse(p, next, lim.Fields, lim.Head)
	if n == 0 {
		return 0, err
	}
	r.Status, r.Reason, r.Minor = status, p[reason:i:i], minor
	return n, nil
}

// maxMethod is the longest method in bytes. Registered ones have up to 17 (RFC 9110 section 16.1).
const maxMethod = 64

// methodName returns the string of a method, without an allocation for the usual ones.
func methodName(p []byte) string {
	switch string(p) {
	case "GET":
		return "GET"
	case "HEAD":
		return "HEAD"
	case "POST":
		return "POST"
	case "PUT":
		return "PUT"
	case "DELETE":
		return "DELETE"
	case "PATCH":
		return "PATCH"
	case "OPTIONS":
		return "OPTIONS"
	case "CONNECT":
		return "CONNECT"
	case "TRACE":
		return "TRACE"
	}
	return string(p)
}

// parseVersion reads "HTTP/1.x" from i on and returns where it ends, 0 if it is not all there.
func parseVersion(p []byte, i int) (minor, end int, err *Error) {
	const form = "HTTP/0.0"
	for k := range len(form) {
		if i+k >= len(p) {
			return 0, 0, nil
		}
		c := p[i+k]
		if digit := c >= '0' && c <= '9'; form[k] == '0' && !digit || form[k] != '0' && c != form[k] {
			return 0, 0, bad(i+k, unexpected(c, "a version"))
		}
	}
	if p[i+5] != '1' {
		return 0, 0, tooLong(505, i, "version is not HTTP/1")
	}
	return int(min(p[i+7]-'0', 1)), i + len(form), nil // a later 1.x is compatible (RFC 9110 section 2.5)
}

// lineEnd returns where the next line begins, if p has the end of one at i: 0 if that is not there yet, -1 if something
// else is there.
func lineEnd(p []byte, i int) int {
	switch {
	case i+1 < len(p) && p[i] == '\r' && p[i+1] == '\n':
		return i + 2
	case i >= len(p) || p[i] == '\r' && i+1 == len(p):
		return 0
	}
	return -1
}

// lineError is what to say when lineEnd has returned end, which is not positive.
func lineError(p []byte, i, end int, what string) *Error {
	switch {
	case end == 0:
		return nil
	case p[i] == '\r':
		return bad(i, "CR without LF")
	case p[i] == '\n':
		return bad(i, "LF without CR")
	}
	return bad(i, unexpected(p[i], what))
}

func unexpected(c byte, where string) string {
	switch c {
	case '\n':
		return "LF without CR in " + where
	case '\r':
		return "line ends in " + where
	}
	if c >= 0x80 {
		return fmt.Sprintf("unexpected byte 0x%02x in %s", c, where)
	}
	return fmt.Sprintf("unexpected %q in %s", c, where)
}

// parse makes h the fields that p has from i on, up to the empty line behind them, and returns where that ends. Both limits
// count from the beginning of p.
func (h *Header) parse(p []byte, i, maxFields, maxSize int) (int, *Error) {
	h.text, h.fields = p, h.fields[:0]
	h.err, h.known, h.own, h.gaps, h.inside = nil, 0, false, true, 0
	over := len(p) > maxSize
	if over { // what lies behind the limit is not looked at, so that it does not matter whether it is there already
		p = p[:maxSize]
	}
	for i < len(p) {
		if p[i] == '\r' {
			next := lineEnd(p, i)
			if next == 0 {
				break
			}
			if next < 0 {
				return 0, lineError(p, i, next, "the empty line")
			}
			h.text = p[:next]
			return next, nil
		}
		at := i
		for i < len(p) && chars[p[i]]&isToken != 0 {
			i++
		}
		if i == len(p) {
			h.inside = isToken
			break
		}
		if p[i] != ':' || i == at {
			return 0, h.badName(p[i], at, i)
		}
		name := i
		for i++; i < len(p) && (p[i] == ' ' || p[i] == '\t'); {
			i++
		}
		value := i
		for i = control(p, i); i < len(p) && p[i] == '\t'; {
			i = control(p, i+1)
		}
		next := lineEnd(p, i)
		if next <= 0 {
			if err := lineError(p, i, next, "the value of a field"); err != nil {
				return 0, err
			}
			if i == len(p) {
				h.inside = isText
			}
			break
		}
		end := i
		for end > value && (p[end-1] == ' ' || p[end-1] == '\t') {
			end--
		}
		if len(h.fields) == maxFields {
			return 0, tooLong(431, at, fmt.Sprintf("more than %d fields", maxFields))
		}
		is := classify(p[at:name])
		h.known |= is
		h.fields = append(h.fields, field{uint32(at), uint32(name), uint32(value), uint32(end), is})
		i = next
	}
	if over {
		return 0, tooLong(431, maxSize, fmt.Sprintf("head is larger than %d bytes", maxSize))
	}
	return 0, nil
}

// badName tells what is wrong with the name of a field that begins at at and goes wrong at i.
func (h *Header) badName(c byte, at, i int) *Error {
	switch {
	case i == at && (c == ' ' || c == '\t') && len(h.fields) > 0:
		return bad(i, "folded line") // RFC 9112 section 5.2
	case i == at && (c == ' ' || c == '\t'):
		return bad(i, "space in front of the first field")
	case i == at && c == ':':
		return bad(i, "field without a name")
	case i > at && (c == ' ' || c == '\t'):
		return bad(i, "space in front of the colon") // RFC 9112 section 5.1
	}
	return bad(i, unexpected(c, "the name of a field"))
}
