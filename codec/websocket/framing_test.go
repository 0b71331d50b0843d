package websocket_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/websocket"
)

// Lengths at which the header changes, of both kinds, alone and one behind the other.
func TestLengths(t *testing.T) {
	var cases []caseOf
	for _, op := range []byte{text, binar} {
		for _, n := range []int{0, 1, 124, 125, 126, 127, 128, 129, 65534, 65535, 65536, 65537} {
			payload := strings.Repeat("*", n)
			cases = append(cases, caseOf{
				name: fmt.Sprintf("opcode %d, %d bytes", op, n),
				in:   masked(fin|op, payload),
				want: plain(fin|op, payload),
			}, caseOf{
				name: fmt.Sprintf("opcode %d, three times %d bytes", op, n),
				in:   strings.Repeat(masked(fin|op, payload), 3),
				want: strings.Repeat(plain(fin|op, payload), 3),
			})
		}
	}
	check(t, new(websocket.Server), cases)
}

func TestPings(t *testing.T) {
	long := strings.Repeat("\xfe", 125)
	var many, answers string
	for i := range 10 {
		many += masked(fin|ping, fmt.Sprint("payload-", i))
		answers += plain(fin|pong, fmt.Sprint("payload-", i))
	}
	check(t, new(websocket.Server), []caseOf{
		{name: "empty", in: masked(fin|ping, ""), want: plain(fin|pong, "")},
		{name: "text", in: masked(fin|ping, "Hello, world!"), want: plain(fin|pong, "Hello, world!")},
		{name: "not UTF-8", in: masked(fin|ping, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"), want: plain(fin|pong, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff")},
		{name: "125 bytes", in: masked(fin|ping, long), want: plain(fin|pong, long)},
		{name: "126 bytes", in: masked(fin|ping, long+"x"), code: 1002, cause: true},
		{name: "126 bytes, header only", in: masked(fin|ping, long+"x")[:2], code: 1002, cause: true},
		{name: "unasked pong", in: masked(fin|pong, "")},
		{name: "unasked pong with payload", in: masked(fin|pong, "unsolicited pong payload")},
		{name: "pong, then ping", in: masked(fin|pong, "x") + masked(fin|ping, "y"), want: plain(fin|pong, "y")},
		{name: "pong of 126 bytes", in: masked(fin|pong, long+"x"), code: 1002, cause: true},
		{name: "ten", in: many, want: answers},
		{name: "between messages", in: masked(fin|text, "a") + masked(fin|ping, "b") + masked(fin|text, "c"),
			want: plain(fin|text, "a") + plain(fin|pong, "b") + plain(fin|text, "c")},
	})
}

// Bits that nobody has given a meaning end the connection; what came before is answered, what comes after is not.
func TestReservedBits(t *testing.T) {
	var cases []caseOf
	for rsv := byte(1); rsv < 8; rsv++ {
		for _, first := range []byte{fin | text, fin | binar, text, fin | ping, fin | pong, fin | closes} {
			cases = append(cases, caseOf{
				name: fmt.Sprintf("%03b in %#02x", rsv, first),
				in:   masked(fin|text, "Hello") + masked(first|rsv<<4, "xx") + masked(fin|ping, ""),
				want: plain(fin|text, "Hello"), code: 1002, cause: true,
			})
		}
		cases = append(cases, caseOf{
			name: fmt.Sprintf("%03b in a continuation", rsv),
			in:   masked(text, "Hello") + masked(fin|cont|rsv<<4, "xx"), code: 1002, cause: true,
		})
	}
	check(t, new(websocket.Server), cases)
	on := &websocket.Server{Deflate: &websocket.Deflate{}} // the handshake decides, not the server
	check(t, on, []caseOf{{name: "RSV1, not agreed on", in: masked(fin|rsv1|text, "\x00"), code: 1002, cause: true}})
}

func TestReservedOpcodes(t *testing.T) {
	var cases []caseOf
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		for _, payload := range []string{"", "payload"} {
			cases = append(cases, caseOf{
				name: fmt.Sprintf("%d with %q", op, payload),
				in:   masked(fin|text, "Hello") + masked(fin|op, payload) + masked(fin|ping, ""),
				want: plain(fin|text, "Hello"), code: 1002, cause: true,
			})
		}
	}
	check(t, new(websocket.Server), cases)
}

func TestFragments(t *testing.T) {
	check(t, new(websocket.Server), []caseOf{
		{name: "ping in two", in: masked(ping, "frag") + masked(fin|cont, "ment"), code: 1002, cause: true},
		{name: "pong in two", in: masked(pong, "frag") + masked(fin|cont, "ment"), code: 1002, cause: true},
		{name: "close in two", in: masked(closes, "") + masked(fin|cont, ""), code: 1002, cause: true},
		{name: "two", in: masked(text, "frag") + masked(fin|cont, "ment"), want: plain(fin|text, "fragment")},
		{name: "binary", in: masked(binar, "\xff\x00") + masked(fin|cont, "\xfe"), want: plain(fin|binar, "\xff\x00\xfe")},
		{name: "ping between", in: masked(text, "frag") + masked(fin|ping, "?") + masked(fin|cont, "ment"),
			want: plain(fin|pong, "?") + plain(fin|text, "fragment")},
		{name: "many pings between", in: masked(text, "a") + masked(cont, "b") + masked(fin|ping, "1") + masked(cont, "c") + masked(cont, "d") +
			masked(fin|ping, "2") + masked(fin|cont, "e"), want: plain(fin|pong, "1") + plain(fin|pong, "2") + plain(fin|text, "abcde")},
		{name: "empty ones", in: masked(text, "") + masked(cont, "") + masked(fin|cont, ""), want: plain(fin|text, "")},
		{name: "empty around", in: masked(text, "") + masked(cont, "middle") + masked(fin|cont, ""), want: plain(fin|text, "middle")},
		{name: "two messages", in: masked(text, "a") + masked(fin|cont, "b") + masked(binar, "c") + masked(fin|cont, "d"),
			want: plain(fin|text, "ab") + plain(fin|binar, "cd")},
		{name: "long ones", in: masked(binar, strings.Repeat("a", 70000)) + masked(cont, strings.Repeat("b", 5000)) + masked(fin|cont, "c"),
			want: plain(fin|binar, strings.Repeat("a", 70000)+strings.Repeat("b", 5000)+"c")},
		{name: "continuation of nothing, last", in: masked(fin|cont, "x") + masked(fin|text, "y"), code: 1002, cause: true},
		{name: "continuation of nothing", in: masked(cont, "x") + masked(fin|text, "y"), code: 1002, cause: true},
		{name: "continuation behind a message", in: masked(text, "a") + masked(fin|cont, "b") + masked(cont, "c") + masked(fin|text, "d"),
			want: plain(fin|text, "ab"), code: 1002, cause: true},
		{name: "message inside another", in: masked(text, "a") + masked(fin|text, "b"), code: 1002, cause: true},
		{name: "message begun inside another", in: masked(text, "a") + masked(binar, "b"), code: 1002, cause: true},
	})
}

// Lengths are in as few bytes as possible, and have no sign. Both are seen as soon as the length is there.
func TestLengthEncoding(t *testing.T) {
	check(t, new(websocket.Server), []caseOf{
		{name: "16 bits for 0", in: "\x82\xfe\x00\x00", code: 1002, cause: true},
		{name: "16 bits for 125", in: "\x82\xfe\x00\x7d", code: 1002, cause: true},
		{name: "16 bits for 126", in: "\x82\xfe\x00\x7e"},
		{name: "64 bits for 0", in: "\x82\xff\x00\x00\x00\x00\x00\x00\x00\x00", code: 1002, cause: true},
		{name: "64 bits for 65535", in: "\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff", code: 1002, cause: true},
		{name: "64 bits for 65536", in: "\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00"},
		{name: "sign", in: "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x01", code: 1002, cause: true},
		{name: "all ones", in: "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff", code: 1002, cause: true},
		{name: "huge", in: "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", code: 1009, cause: true},
	})
}

func TestMasking(t *testing.T) {
	check(t, new(websocket.Server), []caseOf{
		{name: "text without", in: plain(fin|text, "Hello"), code: 1002, cause: true},
		{name: "header without", in: plain(fin|text, "Hello")[:2], code: 1002, cause: true},
		{name: "ping without", in: plain(fin|ping, ""), code: 1002, cause: true},
		{name: "close without", in: plain(fin|closes, closing(1000, "")), code: 1002, cause: true},
		{name: "key of zeros", in: "\x81\x85\x00\x00\x00\x00Hello", want: plain(fin|text, "Hello")},
	})
}

func TestLimits(t *testing.T) {
	s := &websocket.Server{Limits: websocket.Limits{Message: 1000, Frame: 600}}
	a, b := strings.Repeat("a", 600), strings.Repeat("b", 400)
	check(t, s, []caseOf{
		{name: "frame", in: masked(fin|text, a), want: plain(fin|text, a)},
		{name: "frame, one more", in: masked(fin|text, a+"x"), code: 1009, cause: true},
		{name: "frame, one more, header", in: masked(fin|text, a+"x")[:8], code: 1009, cause: true},
		{name: "message", in: masked(text, a) + masked(fin|cont, b), want: plain(fin|text, a+b)},
		{name: "message, one more", in: masked(text, a) + masked(fin|cont, b+"x"), code: 1009, cause: true},
		{name: "message, one more, header", in: masked(text, a) + masked(fin|cont, b+"x")[:8], code: 1009, cause: true},
		{name: "counted anew", in: masked(text, a) + masked(fin|cont, b) + masked(text, a) + masked(fin|cont, b),
			want: plain(fin|text, a+b) + plain(fin|text, a+b)},
	})
	million := strings.Repeat("m", 1<<20)
	check(t, new(websocket.Server), []caseOf{
		{name: "by default", in: masked(fin|binar, million), want: plain(fin|binar, million)},
		{name: "by default, one more", in: masked(fin|binar, million+"x"), code: 1009, cause: true},
	})
	check(t, &websocket.Server{Limits: websocket.Limits{Message: -1}}, []caseOf{
		{name: "none", in: masked(fin|binar, million+"x"), want: plain(fin|binar, million+"x")},
	})
}

// Messages of 16 MiB, whole, in fragments and in many reads.
func TestLarge(t *testing.T) {
	size := 16 << 20
	if testing.Short() {
		size = 2 << 20
	}
	s := &websocket.Server{Limits: websocket.Limits{Message: int64(size)}}
	large := strings.Repeat("0123456789abcdef", size/16)
	var fragments strings.Builder
	first := text
	for at := 0; at < size/16; at += 64 {
		fragments.WriteString(masked(first, large[at:at+64]))
		first = cont
	}
	fragments.WriteString(masked(fin|cont, ""))
	check(t, s, []caseOf{
		{name: "whole", in: masked(fin|text, large), want: plain(fin|text, large)},
		{name: "fragments of 64 bytes", in: fragments.String(), want: plain(fin|text, large[:size/16])},
		{name: "two fragments", in: masked(binar, large[:size/16*9]) + masked(fin|cont, large[size/16*9:]), want: plain(fin|binar, large)},
	})
}
