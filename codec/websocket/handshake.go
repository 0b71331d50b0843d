package websocket

import (
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
	key        string
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
func readHandshake(r *http1.Request) (*handshake, *refusal) {
	h := new(handshake)
	switch {
	case r.Method != "GET":
		return nil, &refusal{405, "a WebSocket is asked for by GET", "Allow", "GET"}
	case r.Minor < 1:
		return nil, &refusal{status: 400, what: "a WebSocket is asked for by HTTP/1.1"}
	case !IsUpgrade(r):
		return nil, &refusal{status: 426, what: "this is a WebSocket"}
	case r.Announced() != 0:
		return nil, &refusal{status: 400, what: "a handshake has no body"}
	}
	if v, n := only(r.Header.Values("Sec-WebSocket-Version")); n != 1 || v != version { // section 4.4
		return nil, &refusal{426, "the version of the protocol must be " + version, "Sec-WebSocket-Version", version}
	}
	key, n := only(r.Header.Values("Sec-WebSocket-Key"))
	if n != 1 || !validKey(key) {
		return nil, &refusal{status: 400, what: "Sec-WebSocket-Key is not 16 bytes in base64"}
	}
	h.key = key
	var ok bool
	if h.protocols, ok = parseTokens(r.Header.Values("Sec-WebSocket-Protocol")); !ok {
		return nil, &refusal{status: 400, what: "Sec-WebSocket-Protocol is malformed"}
	}
	if h.extensions, ok = parseExtensions(r.Header.Values("Sec-WebSocket-Extensions")); !ok {
		return nil, &refusal{status: 400, what: "Sec-WebSocket-Extensions is malformed"}
	}
	return h, nil
}

// only returns the first value, and how many there are.
func only(values iter.Seq[[]byte]) (first string, n int) {
	for v := range values {
		if n++; n == 1 {
			first = string(v)
		}
	}
	return first, n
}

// validKey tells whether a key is 16 bytes in base64.
func validKey(key string) bool {
	p, err := base64.StdEncoding.Strict().DecodeString(key)
	return err == nil && len(p) == 16 && !strings.ContainsAny(key, "\r\n")
}

// acceptKey returns the answer to a client's key, which shows that the server speaks WebSocket: RFC 6455 section 4.2.2.
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// SameOrigin tells whether a request comes from a page of the host that it was sent to, or from no page at all: only browsers
// send Origin, and scripts cannot change it. The scheme is not compared: a server behind a proxy does not know its own.
func SameOrigin(r *http1.Request) bool {
	origin, n := only(r.Header.Values("Origin"))
	return n == 0 || n == 1 && sameOrigin(origin, r.Header.Text("Host"))
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
