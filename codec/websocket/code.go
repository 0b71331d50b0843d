package websocket

import (
	"fmt"
	"strconv"
)

// A Code is the code in a Close, RFC 6455 section 7.4. Those from 3000 to 3999 are registered by libraries and frameworks,
// those from 4000 on are free for applications.
type Code uint16

// The registered codes.
const (
	NormalClosure    Code = 1000
	GoingAway        Code = 1001 // a server stops, a browser leaves the page
	ProtocolError    Code = 1002
	UnsupportedData  Code = 1003 // a kind of message that the application does not take
	NoStatus         Code = 1005 // never sent: the Close had no code
	AbnormalClosure  Code = 1006 // never sent: the connection ended without a Close
	InvalidPayload   Code = 1007 // text that is not UTF-8, compressed data that cannot be inflated
	PolicyViolation  Code = 1008
	MessageTooBig    Code = 1009
	MissingExtension Code = 1010 // clients: the server has not agreed to an extension
	InternalError    Code = 1011
	ServiceRestart   Code = 1012
	TryAgainLater    Code = 1013
	BadGateway       Code = 1014
	TLSHandshake     Code = 1015 // never sent
)

var codeNames = map[Code]string{
	NormalClosure: "normal closure", GoingAway: "going away", ProtocolError: "protocol error", UnsupportedData: "unsupported data",
	NoStatus: "no code", AbnormalClosure: "connection ended without a Close", InvalidPayload: "invalid payload",
	PolicyViolation: "policy violation", MessageTooBig: "message too big", MissingExtension: "missing extension",
	InternalError: "internal error", ServiceRestart: "service restart", TryAgainLater: "try again later", BadGateway: "bad gateway",
	TLSHandshake: "TLS handshake",
}

func (c Code) String() string {
	if name, ok := codeNames[c]; ok {
		return fmt.Sprintf("%d (%s)", uint16(c), name)
	}
	return strconv.Itoa(int(c))
}

// sendable tells whether a Close may have the code: RFC 6455 sections 7.4.1 and 7.4.2, and the registry of section 11.7, which
// has got 1012 to 1014 since.
func (c Code) sendable() bool {
	switch {
	case c < 1000:
		return false
	case c < 1016:
		return c != 1004 && c != NoStatus && c != AbnormalClosure && c != TLSHandshake
	case c < 3000:
		return false
	}
	return c < 5000
}

// usual tells whether a peer that closes with the code has nothing to complain about.
func (c Code) usual() bool { return c == NormalClosure || c == GoingAway || c == NoStatus }
