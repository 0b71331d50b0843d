package static

import (
	"bytes"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// coding is a content coding (RFC 9110 section 8.4.1) of a precompressed file.
type coding uint8

const (
	brotli coding = iota
	zstd
	gzip
	identity // none
	codings
)

// codingNames and codingSuffixes are those of all but identity; the order is that of preference, if the client has none.
var (
	codingNames    = [...]string{"br", "zstd", "gzip", "identity"}
	codingSuffixes = [...]string{".br", ".zst", ".gz"}
)

// choice is what a client accepts, best first.
type choice struct {
	list [codings]coding
	n    int
}

// accepted reads Accept-Encoding (RFC 9110 section 12.5.3). Codings with a higher weight come first; of equals the one
// that is usually smaller does. identity is accepted unless it is excluded, but behind all others if nothing is said about
// it. Without the field it is the only one, though anything would be allowed: such clients can seldom decode.
func accepted(h *http1.Header) (c choice) {
	var weights [codings]int // 0 is not accepted
	var said [codings]bool
	others, any, named := 0, false, false
	for value := range h.Values("Accept-Encoding") {
		named = true
		for rest, more := value, true; more; {
			var one []byte
			one, rest, more = bytes.Cut(rest, []byte{','})
			name, weight := parseWeighted(one)
			if string(name) == "*" {
				others, any = weight, true
			}
			for i := range weights {
				if equalFold(name, codingNames[i]) || i == int(gzip) && equalFold(name, "x-gzip") {
					weights[i], said[i] = weight, true
				}
			}
		}
	}
	for i := range weights {
		switch {
		case said[i]:
		case any:
			weights[i] = others
		case i == int(identity):
			weights[i] = 1 // less than any weight that can be given
		}
	}
	if !named {
		weights = [codings]int{identity: 1}
	}
	for range weights {
		best := 0
		for i, w := range weights {
			if w > weights[best] {
				best = i
			}
		}
		if weights[best] == 0 {
			break
		}
		c.list[c.n] = coding(best)
		c.n++
		weights[best] = 0
	}
	return c
}

// parseWeighted reads `coding;q=0.5`: a name and its weight (RFC 9110 section 12.4.2), from 0 to 2000. A weight that is none
// makes the coding one that is not accepted.
func parseWeighted(p []byte) (name []byte, weight int) {
	name, parameter, ok := bytes.Cut(p, []byte{';'})
	name = trim(name)
	if !ok {
		return name, 2000
	}
	q, value, ok := bytes.Cut(parameter, []byte{'='})
	if !ok || !equalFold(trim(q), "q") {
		return name, 0
	}
	value = trim(value)
	if len(value) == 0 || len(value) > 5 || value[0] != '0' && value[0] != '1' || len(value) > 1 && value[1] != '.' {
		return name, 0
	}
	weight = int(value[0]-'0') * 2000
	for i, scale := 2, 200; i < len(value); i, scale = i+1, scale/10 {
		if value[i] < '0' || value[i] > '9' {
			return name, 0
		}
		weight += int(value[i]-'0') * scale
	}
	return name, min(weight, 2000)
}
