package static

import (
	"bytes"
	"time"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// validators are what a client can compare a file with that it has got earlier.
type validators struct {
	etag     string // with its quotes; always a strong one
	modified string // the field Last-Modified; empty if the time is in the future
	seconds  int64  // the same, since 1970
}

// check evaluates the preconditions of a GET or HEAD request about a file that exists, in the order of RFC 9110 section 13.2.2.
// It returns 412, 304, or 0 if the file is to be sent; and then, whether a range of it will do if one was asked for.
func (v *validators) check(h *http1.Header) (status int, ranges bool) {
	if h.Has("If-Match") {
		if !v.listed(h, "If-Match", false) {
			return 412, false
		}
	} else if since, ok := parseDate(h.Get("If-Unmodified-Since")); ok && v.modified != "" && v.seconds > since {
		return 412, false
	}
	if h.Has("If-None-Match") {
		if v.listed(h, "If-None-Match", true) {
			return 304, false
		}
	} else if v.notModified(h.Get("If-Modified-Since")) {
		return 304, false
	}
	return 0, v.sameAs(h.Get("If-Range"))
}

// listed tells whether the lists of entity tags in all fields with a name have the file's one, or are an asterisk. Weak tags
// count if weak is true (RFC 9110 section 8.8.3.2). What follows something that is no tag does not count.
func (v *validators) listed(h *http1.Header, name string, weak bool) bool {
	for list := range h.Values(name) {
		if len(list) == 1 && list[0] == '*' {
			return true
		}
		for {
			list = bytes.TrimLeft(list, " \t,")
			isWeak := bytes.HasPrefix(list, []byte("W/"))
			if isWeak {
				list = list[2:]
			}
			n := tagLength(list)
			if n == 0 {
				break
			}
			if string(list[:n]) == v.etag && (weak || !isWeak) {
				return true
			}
			list = bytes.TrimLeft(list[n:], " \t")
			if len(list) > 0 && list[0] != ',' {
				break
			}
		}
	}
	return false
}

// tagLength returns the length of the opaque tag that p begins with, 0 if there is none (RFC 9110 section 8.8.3).
func tagLength(p []byte) int {
	if len(p) == 0 || p[0] != '"' {
		return 0
	}
	for i, c := range p[1:] {
		switch {
		case c == '"':
			return i + 2
		case c < '!' || c == 0x7f:
			return 0
		}
	}
	return 0
}

// notModified tells whether the file has not changed since a date. Clients send back what they got, so mostly nothing needs to be
// parsed. A value that is no date is ignored (RFC 9110 section 13.1.3).
func (v *validators) notModified(value []byte) bool {
	if v.modified == "" || value == nil {
		return false
	}
	if string(value) == v.modified {
		return true
	}
	since, ok := parseDate(value)
	return ok && v.seconds <= since
}

// sameAs tells whether the file is the one that the value of If-Range stands for: an entity tag, which must be strong, or
// exactly its date (RFC 9110 section 13.1.5). Without If-Range it is.
func (v *validators) sameAs(value []byte) bool {
	switch {
	case value == nil, string(value) == v.etag:
		return true
	case len(value) == 0, value[0] == '"', bytes.HasPrefix(value, []byte("W/")):
		return false
	}
	at, ok := parseDate(value)
	return ok && v.modified != "" && at == v.seconds
}

const (
	dateFormat = "Mon, 02 Jan 2006 15:04:05 GMT"
	rfc850     = "Monday, 02-Jan-06 15:04:05 GMT" // that of package time takes any zone
)

// parseDate reads a date in one of the three formats of RFC 9110 section 5.6.7, in seconds since 1970. A year of two digits is the
// last one that is not more than 50 years ahead.
func parseDate(value []byte) (seconds int64, ok bool) {
	if len(value) < len(time.ANSIC) {
		return 0, false
	}
	text := string(value)
	for _, layout := range [...]string{dateFormat, rfc850, time.ANSIC} {
		if t, err := time.Parse(layout, text); err == nil {
			if layout == rfc850 {
				t = inCentury(t, time.Now())
			}
			return t.Unix(), true
		}
	}
	return 0, false
}

// inCentury returns t in the last century in which it is not more than 50 years behind now.
func inCentury(t, now time.Time) time.Time {
	limit := now.AddDate(50, 0, 0)
	for next := t.AddDate(100, 0, 0); !next.After(limit); next = t.AddDate(100, 0, 0) {
		t = next
	}
	for t.After(limit) {
		t = t.AddDate(-100, 0, 0)
	}
	return t
}
