package websocket

import (
	"strconv"
	"strings"
)

const deflateName = "permessage-deflate"

// The parameters of permessage-deflate, RFC 7692 section 7.1.
const (
	serverNoContext = "server_no_context_takeover"
	clientNoContext = "client_no_context_takeover"
	serverBits      = "server_max_window_bits"
	clientBits      = "client_max_window_bits"
)

// deflateParams are the parameters of an offer or an answer.
type deflateParams struct {
	serverNoContext bool
	clientNoContext bool
	serverBits      uint8 // 0 if it is not there
	clientBits      uint8 // 0 if it is not there, anyBits if it has no value
}

const anyBits = 255

// parseDeflate reads the parameters of an offer, or of an answer, where client_max_window_bits must have a value. It returns
// false if one is unknown, there twice, or has a value that it must not have: section 7.1.
func parseDeflate(params []param, answer bool) (d deflateParams, ok bool) {
	for _, p := range params {
		switch p.name {
		case serverNoContext:
			if d.serverNoContext || p.has {
				return d, false
			}
			d.serverNoContext = true
		case clientNoContext:
			if d.clientNoContext || p.has {
				return d, false
			}
			d.clientNoContext = true
		case serverBits:
			bits, ok := windowBits(p.value)
			if d.serverBits != 0 || !ok {
				return d, false
			}
			d.serverBits = bits
		case clientBits:
			bits, ok := uint8(anyBits), !answer
			if p.has {
				bits, ok = windowBits(p.value)
			}
			if d.clientBits != 0 || !ok {
				return d, false
			}
			d.clientBits = bits
		default:
			return d, false
		}
	}
	return d, true
}

// windowBits reads the size of a window: 8 to 15, without leading zeros (section 7.1.2).
func windowBits(value string) (uint8, bool) {
	for bits := minBits; bits <= maxBits; bits++ {
		if value == strconv.Itoa(bits) {
			return uint8(bits), true
		}
	}
	return 0, false
}

func (d *deflateParams) String() string {
	text := new(strings.Builder)
	text.WriteString(deflateName)
	if d.serverNoContext {
		text.WriteString("; " + serverNoContext)
	}
	if d.clientNoContext {
		text.WriteString("; " + clientNoContext)
	}
	for _, p := range []struct {
		name string
		bits uint8
	}{{serverBits, d.serverBits}, {clientBits, d.clientBits}} {
		switch p.bits {
		case 0:
		case anyBits:
			text.WriteString("; " + p.name)
		default:
			text.WriteString("; " + p.name + "=" + strconv.Itoa(int(p.bits)))
		}
	}
	return text.String()
}

// accept chooses the first offer of permessage-deflate that is valid. It returns the answer, empty if there is no such offer, and
// what it means for the server.
func (d *Deflate) accept(offers []extension) (string, deflateState) {
	for _, offer := range offers {
		if offer.name != deflateName {
			continue
		}
		o, ok := parseDeflate(offer.params, false)
		if !ok {
			continue
		}
		a := deflateParams{
			serverNoContext: o.serverNoContext || !d.Takeover,
			clientNoContext: o.clientNoContext || !d.PeerTakeover,
		}
		state := deflateState{on: true, bits: uint8(d.WindowBits), peerBits: maxBits}
		if o.serverBits != 0 {
			state.bits = min(state.bits, o.serverBits)
		}
		if o.serverBits != 0 || state.bits < maxBits {
			a.serverBits = state.bits
		}
		if o.clientBits != 0 { // else the client does not know the parameter: section 7.1.2.2
			if o.clientBits != anyBits {
				state.peerBits = o.clientBits
			}
			if state.peerBits = min(state.peerBits, uint8(d.PeerWindowBits)); state.peerBits < maxBits {
				a.clientBits = state.peerBits
			}
		}
		state.takeover, state.peerTakeover = !a.serverNoContext, !a.clientNoContext
		return a.String(), state
	}
	return "", deflateState{}
}

// offer returns what a client offers.
func (d *Deflate) offer() deflateParams {
	o := deflateParams{serverNoContext: !d.PeerTakeover, clientNoContext: !d.Takeover, clientBits: anyBits}
	if d.PeerWindowBits < maxBits {
		o.serverBits = uint8(d.PeerWindowBits)
	}
	if d.WindowBits < maxBits {
		o.clientBits = uint8(d.WindowBits)
	}
	return o
}

// accepted checks a server's answer to offer, and returns what it means for the client. Section 7.1: a client must fail the
// connection over an answer that it has not offered.
func (d *Deflate) accepted(answer extension) (deflateState, bool) {
	o := d.offer()
	a, ok := parseDeflate(answer.params, true)
	if !ok || o.serverNoContext && !a.serverNoContext || o.serverBits != 0 && (a.serverBits == 0 || a.serverBits > o.serverBits) {
		return deflateState{}, false
	}
	state := deflateState{on: true, bits: uint8(d.WindowBits), peerBits: maxBits}
	if a.clientBits != 0 {
		state.bits = min(state.bits, a.clientBits)
	}
	if a.serverBits != 0 {
		state.peerBits = a.serverBits
	}
	state.takeover = d.Takeover && !a.clientNoContext
	state.peerTakeover = !a.serverNoContext
	return state, true
}
