package http1

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
)

// A Header is the fields of a message, in their order: an index over their text.
//
//	text     Host: example.org⏎ Accept: */*⏎ Connection: close⏎
//	fields   ├name┤ ├─value───┤   ...
//
// The text of a message that was received is where it was read, and slices of it are valid as long as the message says. In
// a message to be sent Add writes the text as it will leave. Names are compared without regard to case.
//
// The zero Header is empty and ready to use.
type Header struct {
	text   []byte
	fields []field
	err    error
	known  known // what is among the fields; never less
	own    bool  // the text is not borrowed
	gaps   bool  // the text holds more than the fields
	inside uint8 // when it was parsed, the text ended among bytes of this class, of a name or a value; 0 if elsewhere
}

// A field is where the parts of a field are in the text.
type field struct {
	at, name, value, end uint32 // the name is [at, name), the value [value, end)
	is                   known
}

// known is a set of fields that matter to this package.
type known uint16

const (
	knownHost known = 1 << iota
	knownLength
	knownCoding
	knownConnection
	knownExpect
	knownUpgrade
	knownDate
	knownServer
	knownHop // others of the connection only

	// ours is what is written by this package, not copied from a Header.
	ours = knownLength | knownCoding | knownConnection | knownHop
)

// classify tells which of the known fields a name is, 0 for all others.
func classify(name []byte) known {
	switch len(name) {
	case 2:
		if equalFold(name, "te") {
			return knownHop
		}
	case 4:
		if equalFold(name, "host") {
			return knownHost
		}
		if equalFold(name, "date") {
			return knownDate
		}
	case 6:
		if equalFold(name, "expect") {
			return knownExpect
		}
		if equalFold(name, "server") {
			return knownServer
		}
	case 7:
		if equalFold(name, "upgrade") {
			return knownUpgrade
		}
	case 10:
		if equalFold(name, "connection") {
			return knownConnection
		}
		if equalFold(name, "keep-alive") {
			return knownHop
		}
	case 14:
		if equalFold(name, "content-length") {
			return knownLength
		}
	case 16:
		if equalFold(name, "proxy-connection") {
			return knownHop
		}
	case 17:
		if equalFold(name, "transfer-encoding") {
			return knownCoding
		}
	}
	return 0
}

// A FieldError says that a field was to be sent that is none: with a line break in its value, for example, with which
// somebody could have written fields and bodies of his own (RFC 9110 section 5.5).
type FieldError struct {
	Name, Value string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("http1: invalid field %q: %q", e.Name, e.Value)
}

// Len returns the number of fields.
func (h *Header) Len() int { return len(h.fields) }

// Err returns a *FieldError about the first invalid name or value that Add or Set was given. A message whose Header has an
// error is not sent.
func (h *Header) Err() error { return h.err }

// Reset removes all fields.
func (h *Header) Reset() {
	if !h.own {
		h.text = nil
	}
	h.text, h.fields = h.text[:0], h.fields[:0]
	h.err, h.known, h.own, h.gaps, h.inside = nil, 0, true, false, 0
}

// clear is Reset for a Header that is rarely used.
func (h *Header) clear() {
	if h.text != nil || h.fields != nil || h.err != nil {
		h.Reset()
	}
}

func (h *Header) nameOf(f *field) []byte  { return h.text[f.at:f.name] }
func (h *Header) valueOf(f *field) []byte { return h.text[f.value:f.end:f.end] }

// find returns the index of the first field with a name, from i on, or -1.
func (h *Header) find(name string, i int) int {
	for ; i < len(h.fields); i++ {
		if f := &h.fields[i]; int(f.name-f.at) == len(name) && sameName(h.text[f.at:f.name], name) {
			return i
		}
	}
	return -1
}

// Get returns the value of the first field with a name, empty but not nil if it has none, nil if there is no such field.
func (h *Header) Get(name string) []byte {
	if i := h.find(name, 0); i >= 0 {
		return h.valueOf(&h.fields[i])
	}
	return nil
}

// Text is Get that returns a copy, which may be kept.
func (h *Header) Text(name string) string { return string(h.Get(name)) }

// Has tells whether there is a field with a name.
func (h *Header) Has(name string) bool { return h.find(name, 0) >= 0 }

// Values goes through the values of all fields with a name.
func (h *Header) Values(name string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := h.find(name, 0); i >= 0; i = h.find(name, i+1) {
			if !yield(h.valueOf(&h.fields[i])) {
				return
			}
		}
	}
}

// All goes through the names and values of all fields.
func (h *Header) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for i := range h.fields {
			if f := &h.fields[i]; !yield(h.nameOf(f), h.valueOf(f)) {
				return
			}
		}
	}
}

// HasToken tells whether a token is an element of the comma-separated list that the fields with a name make: whether
// Connection has "upgrade", for example. Case does not matter.
func (h *Header) HasToken(name, token string) bool {
	for value := range h.Values(name) {
		for len(value) > 0 {
			var element []byte
			if element, value = nextToken(value); sameName(element, token) {
				return true
			}
		}
	}
	return false
}

// Add appends a field. What cannot be one makes an error, see Err.
func (h *Header) Add(name, value string) {
	at := h.name(name)
	h.text = append(h.text, value...)
	h.added(at, len(name))
}

// AddBytes is Add for a value that is a slice; it is copied.
func (h *Header) AddBytes(name string, value []byte) {
	at := h.name(name)
	h.text = append(h.text, value...)
	h.added(at, len(name))
}

// AddInt is Add for a number.
func (h *Header) AddInt(name string, value int64) {
	at := h.name(name)
	h.text = strconv.AppendInt(h.text, value, 10)
	h.added(at, len(name))
}

// Set is Add that removes other fields with that name before.
func (h *Header) Set(name, value string) {
	h.Del(name)
	h.Add(name, value)
}

// Del removes all fields with a name.
func (h *Header) Del(name string) {
	if h.find(name, 0) < 0 {
		return
	}
	h.gaps = true
	h.fields = slices.DeleteFunc(h.fields, func(f field) bool { return sameName(h.nameOf(&f), name) })
}

// name appends the name of a field and returns where it begins.
func (h *Header) name(name string) int {
	if !h.own { // the text is borrowed: what follows it is somebody else's
		h.gaps = len(h.text) > 0
		h.text = append(make([]byte, 0, len(h.text)+256), h.text...)
		h.own = true
	}
	at := len(h.text)
	h.text = append(append(h.text, name...), ": "...)
	return at
}

// added makes a field of the text that was appended from at on, if it can be one.
func (h *Header) added(at, name int) {
	f := field{at: uint32(at), name: uint32(at + name), value: uint32(at + name + 2), end: uint32(len(h.text))}
	if value := h.valueOf(&f); !validName(h.nameOf(&f)) || !validValue(value) {
		if h.err == nil {
			h.err = &FieldError{Name: string(h.nameOf(&f)), Value: string(value)}
		}
		h.text = h.text[:at]
		return
	}
	f.is = classify(h.nameOf(&f))
	h.known |= f.is
	h.fields = append(h.fields, f)
	h.text = append(h.text, "\r\n"...)
}

func validName(p []byte) bool {
	for _, c := range p {
		if chars[c]&isToken == 0 {
			return false
		}
	}
	return len(p) > 0
}

// validValue tells whether p can be the value of a field: no control bytes but tabs, and no space at the ends, which would
// not arrive (RFC 9110 section 5.5).
func validValue(p []byte) bool {
	for i := control(p, 0); i < len(p); i = control(p, i+1) {
		if p[i] != '\t' {
			return false
		}
	}
	return len(trim(p)) == len(p)
}

// appendTo appends the fields as they are sent, without those that are in the set skip.
func (h *Header) appendTo(p []byte, skip known) []byte {
	if h.known&skip == 0 && h.own && !h.gaps {
		return append(p, h.text...)
	}
	for i := range h.fields {
		f := &h.fields[i]
		if f.is&skip != 0 {
			continue
		}
		p = append(append(p, h.nameOf(f)...), ": "...)
		p = append(append(p, h.valueOf(f)...), "\r\n"...)
	}
	return p
}

// size is at least the number of bytes that appendTo appends.
func (h *Header) size() int { return len(h.text) + 2*len(h.fields) }
