package nethttp

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// A field is a field of a message as it is sent.
type field struct{ name, value string }

// appendFields appends the fields of h in the order of their names, as they can be sent: without those that are none, and
// with spaces in place of line breaks and other control bytes (RFC 9110 section 5.5). Keys with http.TrailerPrefix are left
// out.
func appendFields(to []field, h http.Header) []field {
	var some [16]string
	names := some[:0]
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !validName(name) { // keys with the prefix of trailers are not valid either
			continue
		}
		for _, value := range h[name] {
			to = append(to, field{name, clean(value)})
		}
	}
	return to
}

// add writes fields into the header of a message.
func add(to *http1.Header, fields []field) {
	for _, f := range fields {
		to.Add(f.name, f.value)
	}
}

// validName tells whether s is a token, RFC 9110 section 5.6.2.
func validName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0:
			return false
		}
	}
	return s != ""
}

// clean returns s as the value of a field: control bytes become spaces, and those at the ends are cut off.
func clean(s string) string {
	for i := range len(s) {
		if !control(s[i]) {
			continue
		}
		p := []byte(s)
		for k := i; k < len(p); k++ {
			if control(p[k]) {
				p[k] = ' '
			}
		}
		s = string(p)
		break
	}
	return strings.Trim(s, " \t")
}

func control(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }

// elements calls f for each element of a comma-separated list that is not empty (RFC 9110 section 5.6.1).
func elements(list string, f func(string)) {
	for element := range strings.SplitSeq(list, ",") {
		if element = strings.Trim(element, " \t"); element != "" {
			f(element)
		}
	}
}
