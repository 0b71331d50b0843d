package websocket

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"iter"
	"strings"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// version is the only version of the protocol, RFC 6455 section 4.1.
const version = "13"

// handshake is what a client's request says.
type handshake struct {
	key        [keySize]byte
	protocols  []string
	extensions []extension
}

// A refusal is why a request is not upgraded, and how it is answered.
type refusal struct {
	status      int
	what        string
	name, value string // a field of the answer
}

func (no *refusal) response(r *http1.Request) *http1.Response {
	resp := r.Text(no.status, no.what+"\n")
	if no.name != "" {
		resp.Header.Add(no.name, no.value)
	}
	if no.status == 426 { // RFC 9110 section 15.5.22
		resp.Header.Add("Upgrade", "websocket")
		resp.Header.Add("Connection", "Upgrade")
	}
	return resp
}

// readHandshake checks a client's request: RFC 6455 section 4.2.1.
func readHandshake(r *http1.Request) (h handshake, no *refusal) {
	switch {
	case r.Method != "GET":
		return h, &refusal{405, "a WebSocket is asked for by GET", "Allow", "GET"}
	case r.Minor < 1:
		return h, &refusal{status: 400, what: "a WebSocket is asked for by HTTP/1.1"}
	case !IsUpgrade(r):
		return h, &refusal{status: 426, what: "this is a WebSocket"}
	case r.Announced() != 0:
		return h, &refusal{status: 400, what: "a handshake has no body"}
	}
	if v, n := only(r.Header.Values("Sec-WebSocket-Version")); n != 1 || string(v) != version { // section 4.4
		return h, &refusal{426, "the version of the protocol must be " + version, "Sec-WebSocket-Version", version}
	}
	key, n := only(r.Header.Values("Sec-WebSocket-Key"))
	if n != 1 || !validKey(key) {
		return h, &refusal{status: 400, what: "Sec-WebSocket-Key is not 16 bytes in base64"}
	}
	copy(h.key[:], key)
	var ok bool
	if h.protocols, ok = parseTokens(r.Header.Values("Sec-WebSocket-Protocol")); !ok {
		return h, &refusal{status: 400, what: "Sec-WebSocket-Protocol is malformed"}
	}
	if h.extensions, ok = parseExtensions(r.Header.Values("Sec-WebSocket-Extensions")); !ok {
		return h, &refusal{status: 400, what: "Sec-WebSocket-Extensions is malformed"}
	}
	return h, nil
}

// only returns the first value, which is borrowed, and how many there are.
func only(values iter.Seq[[]byte]) (first []byte, n int) {
	for v := range values {
		if n++; n == 1 {
			first = v
		}
	}
	return first, n
}

// A key is 16 bytes in base64, and the answer to it the 20 bytes of a sum.
const (
	keySize    = 24
	answerSize = 28
)

// strict knows what is base64 in just one way. Making it takes 350 bytes, which is more than a connection does.
var strict = base64.StdEncoding.Strict()

// validKey tells whether a key is 16 bytes in base64.
func validKey(key []byte) bool {
	var p [keySize]byte
	if len(key) != keySize || bytes.ContainsAny(key, "\r\n") {
		return false
	}
	n, err := strict.Decode(p[:], key)
	return err == nil && n == 16
}

// acceptKey returns the answer to a client's key, which shows that the server speaks WebSocket: RFC 6455 section 4.2.2.
func acceptKey(key [keySize]byte) (answer [answerSize]byte) {
	const id = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	var p [keySize + len(id)]byte
	copy(p[copy(p[:], key[:]):], id)
	sum := sha1.Sum(p[:])
	base64.StdEncoding.Encode(answer[:], sum[:])
	return answer
}

// SameOrigin tells whether a request comes from a page of the host that it was sent to, or from no page at all: only browsers
// send Origin, and scripts cannot change it. The scheme is not compared: a server behind a proxy does not know its own.
func SameOrigin(r *http1.Request) bool {
	origin, n := only(r.Header.Values("Origin"))
	return n == 0 || n == 1 && sameOrigin(string(origin), r.Header.Text("Host"))
}

// AnyOrigin is a CheckOrigin that permits all.
func AnyOrigin(*http1.Request) bool { return true }

// sameOrigin compares an origin (RFC 6454 section 7: a scheme, a host and a port unless it is the usual one) to a Host.
func sameOrigin(origin, host string) bool {
	scheme, from, ok := strings.Cut(origin, "://")
	if !ok || host == "" {
		return false
	}
	usual := ""
	switch strings.ToLower(scheme) {
	case "http":
		usual = ":80"
	case "https":
		usual = ":443"
	default:
		return false
	}
	from, host = strings.TrimSuffix(from, usual), strings.TrimSuffix(host, usual)
	for i := range len(from) {
		if from[i] >= 0x80 { // EqualFold knows letters that a host name does not have
			return false
		}
	}
	return strings.EqualFold(from, host)
}
