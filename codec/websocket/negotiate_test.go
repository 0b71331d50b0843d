package websocket

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
)

// values are those of some fields.
func values(all ...string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, v := range all {
			if !yield([]byte(v)) {
				return
			}
		}
	}
}

// Offers, what a server answers, and what it then does: "on", the bits of both windows, and who keeps a context.
func TestAcceptOffer(t *testing.T) {
	const none = "server_no_context_takeover; client_no_context_takeover"
	for _, c := range []struct {
		d      Deflate
		offer  string
		answer string // behind "permessage-deflate; "
		state  deflateState
	}{
		{Deflate{}, "permessage-deflate", none, deflateState{on: true, bits: 15, peerBits: 15}},
		{Deflate{}, "permessage-deflate; client_max_window_bits", none, deflateState{on: true, bits: 15, peerBits: 15}},
		{Deflate{}, "permessage-deflate; client_max_window_bits=10", none + "; client_max_window_bits=10", deflateState{on: true, bits: 15, peerBits: 10}},
		{Deflate{}, `permessage-deflate; server_max_window_bits="10"`, none + "; server_max_window_bits=10", deflateState{on: true, bits: 10, peerBits: 15}},
		{Deflate{}, "permessage-deflate; server_max_window_bits=8", none + "; server_max_window_bits=8", deflateState{on: true, bits: 8, peerBits: 15}},
		{Deflate{}, "permessage-deflate; server_max_window_bits=15", none + "; server_max_window_bits=15", deflateState{on: true, bits: 15, peerBits: 15}},
		{Deflate{Takeover: true, PeerTakeover: true}, "permessage-deflate", "",
			deflateState{on: true, bits: 15, peerBits: 15, takeover: true, peerTakeover: true}},
		{Deflate{Takeover: true, PeerTakeover: true}, "permessage-deflate; " + none, none, deflateState{on: true, bits: 15, peerBits: 15}},
		{Deflate{Takeover: true}, "permessage-deflate", clientNoContext, deflateState{on: true, bits: 15, peerBits: 15, takeover: true}},
		{Deflate{PeerTakeover: true}, "permessage-deflate", serverNoContext, deflateState{on: true, bits: 15, peerBits: 15, peerTakeover: true}},
		{Deflate{WindowBits: 9, PeerWindowBits: 9}, "permessage-deflate", none + "; server_max_window_bits=9",
			deflateState{on: true, bits: 9, peerBits: 15}}, // the client does not know its parameter
		{Deflate{WindowBits: 9, PeerWindowBits: 11}, "permessage-deflate; client_max_window_bits; server_max_window_bits=12",
			none + "; server_max_window_bits=9; client_max_window_bits=11", deflateState{on: true, bits: 9, peerBits: 11}},
		{Deflate{PeerWindowBits: 11}, "permessage-deflate; client_max_window_bits=9", none + "; client_max_window_bits=9",
			deflateState{on: true, bits: 15, peerBits: 9}},
		// the first offer that is valid
		{Deflate{}, "other, permessage-deflate; unknown, permessage-deflate; server_max_window_bits=12, permessage-deflate",
			none + "; server_max_window_bits=12", deflateState{on: true, bits: 12, peerBits: 15}},
		// none that is
		{Deflate{}, "other", "", deflateState{}},
		{Deflate{}, "", "", deflateState{}},
		{Deflate{}, "permessage-deflate; unknown", "", deflateState{}},
		{Deflate{}, "permessage-deflate; unknown=1", "", deflateState{}},
		{Deflate{}, "permessage-deflate; server_no_context_takeover=1", "", deflateState{}},
		{Deflate{}, "permessage-deflate; client_no_context_takeover=true", "", deflateState{}},
		{Deflate{}, "permessage-deflate; server_no_context_takeover; server_no_context_takeover", "", deflateState{}},
		{Deflate{}, "permessage-deflate; client_no_context_takeover; client_no_context_takeover", "", deflateState{}},
		{Deflate{}, "permessage-deflate; server_max_window_bits", "", deflateState{}},
		{Deflate{}, "permessage-deflate; server_max_window_bits=7", "", deflateState{}},
		{Deflate{}, "permessage-deflate; server_max_window_bits=16", "", deflateState{}},
		{Deflate{}, "permessage-deflate; server_max_window_bits=08", "", deflateState{}},
		{Deflate{}, "permessage-deflate; server_max_window_bits=+9", "", deflateState{}},
		{Deflate{}, "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", "", deflateState{}},
		{Deflate{}, "permessage-deflate; client_max_window_bits=7", "", deflateState{}},
		{Deflate{}, "permessage-deflate; client_max_window_bits; client_max_window_bits=9", "", deflateState{}},
		{Deflate{}, "Permessage-Deflate", "", deflateState{}},
	} {
		offers, ok := parseExtensions(values(c.offer))
		if !ok {
			t.Errorf("%q: malformed", c.offer)
			continue
		}
		answer, state := c.d.prepare().accept(offers)
		want := ""
		if c.state.on {
			want = strings.TrimSuffix("permessage-deflate; "+c.answer, "; ")
		}
		if answer != want || state != c.state {
			t.Errorf("%+v, %q:\nanswer %q, %+v\n  want %q, %+v", c.d, c.offer, answer, state, want, c.state)
		}
	}
}

// What clients offer, and the answers that they take.
func TestAnswerToOffer(t *testing.T) {
	const none = "; server_no_context_takeover; client_no_context_takeover"
	for _, c := range []struct {
		d      Deflate
		offer  string
		answer string
		state  deflateState // zero if the answer is refused
	}{
		{Deflate{}, none + "; client_max_window_bits", none, deflateState{on: true, bits: 15, peerBits: 15}},
		{Deflate{}, none + "; client_max_window_bits", "; server_no_context_takeover", deflateState{on: true, bits: 15, peerBits: 15}},
		{Deflate{}, none + "; client_max_window_bits", "; client_no_context_takeover", deflateState{}},
		{Deflate{}, none + "; client_max_window_bits", none + "; client_max_window_bits=9; server_max_window_bits=10",
			deflateState{on: true, bits: 9, peerBits: 10}},
		{Deflate{}, none + "; client_max_window_bits", none + "; client_max_window_bits", deflateState{}},
		{Deflate{}, none + "; client_max_window_bits", none + "; client_max_window_bits=16", deflateState{}},
		{Deflate{}, none + "; client_max_window_bits", none + "; other", deflateState{}},
		{Deflate{Takeover: true, PeerTakeover: true}, "; client_max_window_bits", "",
			deflateState{on: true, bits: 15, peerBits: 15, takeover: true, peerTakeover: true}},
		{Deflate{Takeover: true, PeerTakeover: true}, "; client_max_window_bits", none, deflateState{on: true, bits: 15, peerBits: 15}},
		{Deflate{WindowBits: 9, PeerWindowBits: 10}, none + "; server_max_window_bits=10; client_max_window_bits=9", none + "; server_max_window_bits=10",
			deflateState{on: true, bits: 9, peerBits: 10}},
		{Deflate{PeerWindowBits: 10}, none + "; server_max_window_bits=10; client_max_window_bits", none, deflateState{}},
		{Deflate{PeerWindowBits: 10}, none + "; server_max_window_bits=10; client_max_window_bits", none + "; server_max_window_bits=11", deflateState{}},
	} {
		d := c.d.prepare()
		o := d.offer()
		if o.String() != "permessage-deflate"+c.offer {
			t.Errorf("%+v: offers %q, not %q", c.d, o.String(), c.offer)
		}
		answers, ok := parseExtensions(values("permessage-deflate" + c.answer))
		if !ok {
			t.Fatalf("%q: malformed", c.answer)
		}
		if state, ok := d.accepted(answers[0]); state != c.state || ok != c.state.on {
			t.Errorf("%+v, %q: %+v, %v, want %+v", c.d, c.answer, state, ok, c.state)
		}
	}
}

// What a client offers a server accepts, and both understand the same by it.
func TestNegotiation(t *testing.T) {
	bits := []int{0, 8, 9, 14, 15}
	each := func(f func(Deflate)) {
		for _, takeover := range []bool{false, true} {
			for _, peer := range []bool{false, true} {
				for _, own := range bits {
					for _, their := range bits {
						f(Deflate{Takeover: takeover, PeerTakeover: peer, WindowBits: own, PeerWindowBits: their})
					}
				}
			}
		}
	}
	each(func(client Deflate) {
		each(func(server Deflate) {
			o := client.prepare().offer()
			offers, _ := parseExtensions(values(o.String()))
			answer, s := server.prepare().accept(offers)
			answers, _ := parseExtensions(values(answer))
			c, ok := client.prepare().accepted(answers[0])
			if !ok || s.bits > c.peerBits || c.bits > s.peerBits || s.takeover && !c.peerTakeover || c.takeover && !s.peerTakeover {
				t.Fatalf("client %+v, server %+v: answer %q, %v\nserver %+v\nclient %+v", client, server, answer, ok, s, c)
			}
		})
	})
}

func TestDeflateRange(t *testing.T) {
	for _, d := range []Deflate{{Level: -1}, {Level: 10}, {WindowBits: 7}, {WindowBits: 16}, {PeerWindowBits: -1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v is accepted", d)
				}
			}()
			d.prepare()
		}()
	}
}

func TestParseExtensions(t *testing.T) {
	for _, c := range []struct {
		in   []string
		want string // "bad" if malformed
	}{
		{nil, "[]"},
		{[]string{""}, "[]"},
		{[]string{" , ,"}, "[]"},
		{[]string{"a"}, "[{a []}]"},
		{[]string{"a", "b"}, "[{a []} {b []}]"},
		{[]string{"a , b"}, "[{a []} {b []}]"},
		{[]string{"a,,b,"}, "[{a []} {b []}]"},
		{[]string{"a;b;c=d"}, "[{a [{b  false} {c d true}]}]"},
		{[]string{" a ; b = c\t; d "}, "[{a [{b c true} {d  false}]}]"},
		{[]string{`a; b="c"`}, "[{a [{b c true}]}]"},
		{[]string{`a; b="\c"; d="e" , f`}, "[{a [{b c true} {d e true}]} {f []}]"},
		{[]string{"a b"}, "bad"},
		{[]string{"a;"}, "bad"},
		{[]string{"a;,b"}, "bad"},
		{[]string{";a"}, "bad"},
		{[]string{"a="}, "bad"},
		{[]string{"a;b="}, "bad"},
		{[]string{"a;=b"}, "bad"},
		{[]string{`a;b=""`}, "bad"},
		{[]string{`a;b="c`}, "bad"},
		{[]string{`a;b="c d"`}, "bad"},
		{[]string{`a;b="c"d`}, "bad"},
		{[]string{`"a"`}, "bad"},
		{[]string{"a\x00"}, "bad"},
		{[]string{"ä"}, "bad"},
	} {
		list, ok := parseExtensions(values(c.in...))
		got := fmt.Sprint(list)
		if !ok {
			got = "bad"
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.in, got, c.want)
		}
	}
}

func TestParseTokens(t *testing.T) {
	for _, c := range []struct {
		in   []string
		want []string // nil if malformed
	}{
		{[]string{""}, []string{}},
		{[]string{"a"}, []string{"a"}},
		{[]string{"a, b ,c"}, []string{"a", "b", "c"}},
		{[]string{"v1.chat", "v2+x"}, []string{"v1.chat", "v2+x"}},
		{[]string{"a b"}, nil},
		{[]string{"a/b"}, nil},
		{[]string{"a", "a"}, nil},
		{[]string{"a;b"}, nil},
		{[]string{`"a"`}, nil},
	} {
		if list, ok := parseTokens(values(c.in...)); ok != (c.want != nil) || ok && !slices.Equal(list, c.want) {
			t.Errorf("%q: %q, %v", c.in, list, ok)
		}
	}
}

// Whatever a peer sends, an answer is one that our own client understands.
func FuzzExtensions(f *testing.F) {
	for _, p := range []string{"permessage-deflate", "permessage-deflate; client_max_window_bits, x", `a; b="c\d", permessage-deflate; server_max_window_bits=9`} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		list, ok := parseExtensions(values(p))
		if !ok {
			return
		}
		for _, e := range list {
			if !isToken(e.name) {
				t.Errorf("%q: name %q", p, e.name)
			}
		}
		answer, state := (&Deflate{}).prepare().accept(list)
		if !state.on {
			return
		}
		answers, ok := parseExtensions(values(answer))
		if !ok || len(answers) != 1 {
			t.Fatalf("%q: answer %q", p, answer)
		}
		if _, ok := parseDeflate(answers[0].params, true); !ok {
			t.Errorf("%q: answer %q", p, answer)
		}
	})
}

func FuzzOrigin(f *testing.F) {
	f.Add("http://example.org", "example.org")
	f.Add("https://a:443", "a")
	f.Fuzz(func(t *testing.T, origin, host string) {
		if sameOrigin(origin, host) && !strings.Contains(strings.ToLower(origin), strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(host, ":80"), ":443"))) {
			t.Errorf("%q is the origin of %q", origin, host)
		}
	})
}
