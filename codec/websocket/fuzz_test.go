package websocket_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

const fuzzLimit = 300

// reference is an echo server without compression, over a string: what comes back, the code of the Close at the end (0 if
// there is none), and whether the connection is over.
func reference(in string) (out string, code int) {
	message, kind := "", byte(0)
	fail := func(code int) (string, int) { return out, code }
	for {
		if len(in) < 2 {
			return out, 0
		}
		first, second := in[0], in[1]
		op, last := first&0x0f, first&0x80 != 0
		switch {
		case first&0x70 != 0, op > 2 && op < 8, op > 10, op >= 8 && !last, op == 0 && kind == 0, op > 0 && op < 8 && kind != 0,
			second&0x80 == 0, op >= 8 && second&0x7f > 125:
			return fail(1002)
		}
		length, at := uint64(second&0x7f), 2
		if extra := map[uint64]int{126: 2, 127: 8}[length]; extra > 0 {
			if len(in) < at+extra {
				return out, 0
			}
			var word [8]byte
			copy(word[8-extra:], in[at:at+extra])
			length, at = binary.BigEndian.Uint64(word[:]), at+extra
			if extra == 2 && length < 126 || extra == 8 && (length < 1<<16 || length>>63 != 0) {
				return fail(1002)
			}
		}
		if len(in) < at+4 {
			return out, 0
		}
		key := in[at : at+4]
		at += 4
		if op < 8 && length+uint64(len(message)) > fuzzLimit {
			return fail(1009)
		}
		have := min(length, uint64(len(in)-at))
		payload := []byte(in[at : at+int(have)])
		for i := range payload {
			payload[i] ^= key[i%4]
		}
		whole := have == length
		in = in[at+int(have):]
		if op >= 8 {
			if !whole {
				return out, 0
			}
			switch op {
			case 9:
				out += plain(fin|pong, string(payload))
			case 8:
				return out, closeAnswer(payload)
			}
			continue
		}
		if op != 0 {
			kind, message = op, ""
		}
		message += string(payload)
		if kind == 1 && !canGoOn(message) || kind == 1 && whole && last && !utf8.ValidString(message) {
			return fail(1007)
		}
		if !whole {
			return out, 0
		}
		if last {
			out += plain(fin|kind, message)
			kind, message = 0, ""
		}
	}
}

// closeAnswer returns the code that answers a Close.
func closeAnswer(payload []byte) int {
	if len(payload) == 0 {
		return -1
	}
	if len(payload) == 1 {
		return 1002
	}
	code := int(binary.BigEndian.Uint16(payload))
	switch {
	case code < 1000, code > 1014 && code < 3000, code > 4999, code >= 1004 && code <= 1006:
		return 1002
	case !utf8.Valid(payload[2:]):
		return 1007
	}
	return code
}

// FuzzServer compares a server with the reference, its input cut in several ways.
func FuzzServer(f *testing.F) {
	hello := masked(fin|text, "Hello")
	for _, seed := range []string{
		hello + hello,
		masked(text, "Hel") + masked(fin|ping, "?") + masked(cont, "") + masked(fin|cont, "lo"),
		masked(fin|binar, strings.Repeat("\xff", 126)) + masked(fin|closes, closing(1000, "bye")) + hello,
		masked(fin|text, "κόσμε") + masked(text, "κό"[:3]) + masked(fin|cont, "κό"[3:]),
		masked(fin|text, "\xed\xa0\x80"), masked(fin|closes, "\x03"), masked(fin|closes, ""), plain(fin|text, "x"),
		masked(fin|pong, "") + masked(fin|binar, strings.Repeat("x", 301)), "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00",
		hello[:3], hello[:9], masked(text|rsv1, ""), masked(fin|11, ""),
	} {
		f.Add(seed, uint16(7))
	}
	f.Fuzz(func(t *testing.T, in string, seed uint16) {
		if len(in) > 4<<10 {
			return
		}
		checkStream(t, in, uint64(seed))
	})
}

// FuzzClient sends anything to a client, which must survive it, and answer with frames that are masked.
func FuzzClient(f *testing.F) {
	f.Add(plain(fin|text, "Hello")+plain(fin|ping, "x")+plain(text, "a")+plain(fin|cont, "b"), uint16(1))
	f.Add(plain(fin|closes, closing(1001, "bye"))+"x", uint16(2))
	f.Fuzz(func(t *testing.T, in string, seed uint16) {
		if len(in) > 4<<10 {
			return
		}
		client := &websocket.Client{Limits: websocket.Limits{Message: fuzzLimit}}
		var outs [2][]frame
		for i := range outs {
			p := pipelinetest.New(t, client.Stage(), echo())
			if i == 0 {
				p.Feed(in)
			} else {
				cut(p, in, uint64(seed))
			}
			outs[i] = framesOf(p.Output())
			for _, f := range outs[i] {
				if !f.masked {
					t.Errorf("frame %+v is not masked", f)
				}
			}
		}
		if len(outs[0]) != len(outs[1]) {
			t.Fatalf("whole: %+v\n  cut: %+v", outs[0], outs[1])
		}
		for i, f := range outs[0] {
			if f != outs[1][i] {
				t.Errorf("whole: %+v, cut: %+v", f, outs[1][i])
			}
		}
	})
}

// FuzzDeflate sends anything as a compressed message: it is refused, or what another inflater makes of it comes back.
func FuzzDeflate(f *testing.F) {
	f.Add(squeezed("Hello"), "Hello", uint16(3))
	f.Add("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", "\xff", uint16(1))
	f.Add("\x00\x05\x00\xfa\xffHello\x00", strings.Repeat("x", 2000), uint16(0))
	f.Add("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", corpus(5000, 1), uint16(2))
	f.Fuzz(func(t *testing.T, raw, m string, seed uint16) {
		if len(raw) > 4<<10 || len(m) > 32<<10 {
			return
		}
		d := &websocket.Deflate{Takeover: true, PeerTakeover: true, Threshold: -1}
		p := compressing(t, &websocket.Server{Deflate: d}, offer)
		up := newSqueezer()
		cut(p, masked(fin|rsv1|binar, up.squeeze(m, true)), uint64(seed))
		frames := framesOf(p.Output())
		if len(frames) != 1 {
			t.Fatalf("%d frames", len(frames))
		}
		got, history := frames[0].payload, ""
		if frames[0].first&rsv1 != 0 {
			got = inflated(t, got, "")
			history = got
		}
		if got != m {
			t.Fatal("something else came back")
		}
		cut(p, masked(fin|rsv1|binar, raw), uint64(seed))
		frames = framesOf(p.Output())
		if len(frames) != 1 {
			t.Fatalf("%d frames", len(frames))
		}
		if frames[0].first == fin|closes {
			return
		}
		if got = frames[0].payload; frames[0].first&rsv1 != 0 {
			got = inflated(t, got, history)
		}
		if want, ok := inflatedAll(raw, m); ok && got != want {
			t.Errorf("%q came back, not %q", got, want)
		}
	})
}
