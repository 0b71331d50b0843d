// Package slow shows what a peer that sends and does not read does to a server: its memory must stay bounded, its other peers must
// not wait, and nothing may be lost once that peer reads.
//
//	peer ──── frames, as many as are taken ────► server ◄──── four others: their latency
//	     ◄─── nothing is read until then ───────   └── Watch: its resident bytes
//	     ◄─── then everything, byte by byte ─────
package slow
