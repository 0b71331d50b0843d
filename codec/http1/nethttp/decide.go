package nethttp

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// decide makes the fields what will be sent, by the rules of net/http. start is the beginning of the body, and all of it if
// the handler is done.
func (w *response) decide(start []byte, done bool) {
	w.decided = true
	w.close = w.req.Close
	isHead := w.head.method == http.MethodHead
	allowed := bodyAllowed(w.status)
	var coding string
	var hasType, hasEncoding, hasLength bool
	for _, f := range w.fields {
		switch f.name {
		case "Content-Type":
			hasType = true
		case "Content-Encoding":
			hasEncoding = hasEncoding || f.value != ""
		case "Content-Length":
			hasLength = true
		case "Transfer-Encoding":
			coding = f.value
		case "Connection":
			w.close = w.close || hasToken([]string{f.value}, "close")
		case "Trailer":
			w.trails = true
			elements(f.value, w.declare)
		}
	}
	switch {
	case done && !w.trails && coding == "" && allowed && !hasLength && (!isHead || len(start) > 0):
		w.length = int64(len(start))
	case w.length >= 0 && coding != "" && coding != "identity":
		w.server.warn("nethttp: both Transfer-Encoding and Content-Length", "coding", coding)
		w.length = -1
	}
	if allowed && !hasType && !w.typeless && !hasEncoding && coding == "" && len(start) > 0 {
		w.fields = append(w.fields, field{"Content-Type", http.DetectContentType(start)})
	}
	if w.status == http.StatusNotModified {
		w.fields = slices.DeleteFunc(w.fields, func(f field) bool { return f.name == "Content-Type" })
	}
	w.close = w.close || w.head.minor == 0 && w.length < 0 && !w.bodiless()
	if w.body != nil {
		w.leaveBody()
	}
}

// leaveBody ends the handler's use of the request's body as the head of the response is sent. There are clients that send
// all of a request before they read the response: so what is left of it is read and dropped, unless that is much, or the
// handler has asked for both directions at once.
func (w *response) leaveBody() {
	unread, ended := w.body.unread(w.head.length)
	switch {
	case w.expect && !w.body.wasAsked():
		w.body.close(http.ErrBodyReadAfterClose) // nobody has told the client to send it, and now it is too late
		w.close = true
	case w.duplex || w.close:
	case w.body.late(), w.head.length >= 0 && unread >= maxDiscard, w.expect && !ended:
		w.close = true
	default:
		w.body.close(http.ErrBodyReadAfterClose)
	}
}

// declare notes the name of a field that will follow the body.
func (w *response) declare(name string) {
	name = textproto.CanonicalMIMEHeaderKey(name)
	switch name {
	case "Transfer-Encoding", "Content-Length", "Trailer":
		return
	}
	if validName(name) {
		w.declared = append(w.declared, name)
	}
}

// trailers returns the fields that follow the body: those that were declared, and those with http.TrailerPrefix.
func (w *response) trailers() []field {
	var found http.Header
	keep := func(name string, values []string) {
		if found == nil {
			found = make(http.Header)
		}
		found[name] = append(found[name], values...)
	}
	for _, name := range w.declared {
		if values, ok := w.header[name]; ok && found[name] == nil {
			keep(name, values)
		}
	}
	for key, values := range w.header {
		if name, ok := strings.CutPrefix(key, http.TrailerPrefix); ok {
			keep(textproto.CanonicalMIMEHeaderKey(name), values)
		}
	}
	return appendFields(nil, found)
}
