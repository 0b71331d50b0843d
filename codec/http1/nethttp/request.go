package nethttp

import (
	"errors"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// A head is what a loop copies of a request for the goroutine that will serve it: all of its text in one string, of which the
// parts of an http.Request are substrings.
//
//	target⏎ name:value⏎ name:value⏎ ...
type head struct {
	method string
	text   string
	fields int
	minor  int
	length int64 // of the body, -1 if it comes in chunks
}

// headOf copies the head of r, on the loop.
func headOf(r *http1.Request) head {
	return head{r.Method, textOf(r.Target, &r.Header), r.Header.Len(), r.Minor, r.Announced()}
}

// textOf returns a line and fields in one string.
func textOf(line []byte, h *http1.Header) string {
	n := len(line) + 1
	for name, value := range h.All() {
		n += len(name) + len(value) + 2
	}
	var text strings.Builder
	text.Grow(n)
	text.Write(line)
	text.WriteByte('\n')
	for name, value := range h.All() {
		text.Write(name)
		text.WriteByte(':')
		text.Write(value)
		text.WriteByte('\n')
	}
	return text.String()
}

var errTrailer = errors.New("nethttp: field in Trailer that cannot be one")

// request makes r what net/http makes of such a head, but for the parts that are of the connection.
func (h *head) request(r *http.Request) error {
	target, rest, _ := strings.Cut(h.text, "\n")
	*r = http.Request{
		Method: h.method, RequestURI: target,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: h.minor,
		ContentLength: h.length, Body: http.NoBody,
	}
	if h.minor == 0 {
		r.Proto = "HTTP/1.0"
	}
	r.Header = parseFields(rest, h.fields)
	host := r.Header["Host"]
	delete(r.Header, "Host")
	delete(r.Header, "Transfer-Encoding")
	var err error
	if r.URL, err = parseTarget(h.method, target); err != nil {
		return err
	}
	if r.Host = r.URL.Host; r.Host == "" && host != nil { // a target with a host stands above the field, RFC 9112 section 3.2.2
		r.Host = host[0]
	}
	if _, ok := r.Header["Cache-Control"]; !ok && len(r.Header["Pragma"]) > 0 && r.Header["Pragma"][0] == "no-cache" {
		r.Header["Cache-Control"] = []string{"no-cache"} // RFC 9111 section 5.4
	}
	connection := r.Header["Connection"]
	r.Close = hasToken(connection, "close") || h.minor == 0 && !hasToken(connection, "keep-alive")
	if h.length < 0 {
		r.TransferEncoding = []string{"chunked"}
		r.Trailer, err = announced(r.Header)
	}
	return err
}

// parseFields reads n fields.
func parseFields(text string, n int) http.Header {
	header := make(http.Header, n)
	values := make([]string, n) // the first values of all fields
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		name, value, _ := strings.Cut(line, ":")
		name = textproto.CanonicalMIMEHeaderKey(name)
		if before := header[name]; before != nil {
			header[name] = append(before, value)
			continue
		}
		values[0] = value
		header[name], values = values[:1:1], values[1:]
	}
	return header
}

// parseTarget parses the target of a request, RFC 9112 section 3.2.
func parseTarget(method, target string) (*url.URL, error) {
	if method != "CONNECT" || strings.HasPrefix(target, "/") {
		return url.ParseRequestURI(target)
	}
	u, err := url.ParseRequestURI("http://" + target)
	if err == nil {
		u.Scheme = ""
	}
	return u, err
}

// announced takes the names of the fields that will follow a body in chunks out of a header.
func announced(h http.Header) (http.Header, error) {
	lists := h["Trailer"]
	if lists == nil {
		return nil, nil
	}
	delete(h, "Trailer")
	trailer := make(http.Header)
	var err error
	for _, list := range lists {
		elements(list, func(name string) {
			switch name = textproto.CanonicalMIMEHeaderKey(name); name {
			case "Transfer-Encoding", "Trailer", "Content-Length":
				err = errTrailer
			default:
				trailer[name] = nil
			}
		})
	}
	if len(trailer) == 0 {
		trailer = nil
	}
	return trailer, err
}

// headerOf copies fields that were received, on the loop. It returns nil if there are none.
func headerOf(h *http1.Header) http.Header {
	if h.Len() == 0 {
		return nil
	}
	return parseFields(textOf(nil, h)[1:], h.Len())
}

// hasToken tells whether one of some comma-separated lists has an element, without regard to case.
func hasToken(lists []string, token string) bool {
	found := false
	for _, list := range lists {
		elements(list, func(element string) { found = found || strings.EqualFold(element, token) })
	}
	return found
}
