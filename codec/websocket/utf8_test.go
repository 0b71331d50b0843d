package websocket_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// texts are byte sequences as they are in Markus Kuhn's stress test for decoders of UTF-8: what is valid and looks odd, and
// all the ways not to be.
func texts() []string {
	all := []string{
		"hello$world", "hello\u00a2world", "hello\u20acworld", "hello\U00024b62world", "κόσμε",
		// the first and the last characters of each length, and around the gaps
		"\x00", "\x7f", "\u0080", "\u07ff", "\u0800", "\uffff", "\U00010000", "\U0010ffff", "\ud7ff", "\ue000", "\ufffd",
		// lengths that there are no more
		"\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80", "\xf7\xbf\xbf\xbf", "\xfb\xbf\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf\xbf",
		"\xf4\x90\x80\x80", // U+110000
		// bytes that are never there, or not there
		"\xfe", "\xff", "\xfe\xfe\xff\xff", "\x80", "\xbf", "\x80\xbf", "\x80\xbf\x80", "\x80\xbf\x80\xbf\x80\xbf",
		// a character cut short, then others
		"\xc0", "\xe0\x80", "\xf0\x80\x80", "\xf8\x80\x80\x80", "\xfc\x80\x80\x80\x80", "\xdf", "\xef\xbf", "\xf7\xbf\xbf",
		"\xc0\xe0\x80\xf0\x80\x80\xf8\x80\x80\x80\xfc\x80\x80\x80\x80\xdf\xef\xbf\xf7\xbf\xbf",
		// more bytes than the character needs: a slash, the largest and the smallest of each length
		"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x80\x80\x80\xaf", "\xfc\x80\x80\x80\x80\xaf",
		"\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x87\xbf\xbf\xbf", "\xfc\x83\xbf\xbf\xbf\xbf",
		"\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80\x80", "\xfc\x80\x80\x80\x80\x80",
		// surrogates, single and in pairs
		"\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf", "\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf",
		"\xed\xa0\x80\xed\xb0\x80", "\xed\xa0\x80\xed\xbf\xbf", "\xed\xad\xbf\xed\xb0\x80", "\xed\xad\xbf\xed\xbf\xbf",
		"\xed\xae\x80\xed\xb0\x80", "\xed\xae\x80\xed\xbf\xbf", "\xed\xaf\xbf\xed\xb0\x80", "\xed\xaf\xbf\xed\xbf\xbf",
		"\ufffe", "\ufff9\ufffa\ufffb", // valid, if not characters
		"κόσμε\xed\xa0\x80edited",
	}
	for i := range len("κόσμε") {
		all = append(all, "κόσμε"[:i+1])
	}
	for plane := rune(1); plane <= 16; plane++ {
		all = append(all, string(plane<<16|0xfffe), string(plane<<16|0xffff))
	}
	for first := 0xc0; first <= 0xfd; first++ { // followed by a space
		all = append(all, string([]byte{byte(first), ' '}))
	}
	return all
}

// Whether a text is valid does not depend on how it comes.
func TestUTF8(t *testing.T) {
	var cases []caseOf
	for _, p := range texts() {
		var pieces strings.Builder
		first := text
		for i := range len(p) {
			pieces.WriteString(masked(first, p[i:i+1]))
			first = cont
		}
		whole := caseOf{name: fmt.Sprintf("%q", p), in: masked(fin|text, p), want: plain(fin|text, p)}
		fragments := caseOf{name: fmt.Sprintf("%q in fragments", p), in: pieces.String() + masked(fin|cont, ""), want: plain(fin|text, p)}
		if !utf8.ValidString(p) {
			whole.want, whole.code, whole.cause = "", 1007, true
			fragments.want, fragments.code, fragments.cause = "", 1007, true
		}
		cases = append(cases, whole, fragments)
		if testing.Short() {
			continue
		}
		cases = append(cases, caseOf{
			name: whole.name + " as binary", in: masked(fin|binar, p), want: plain(fin|binar, p),
		}, caseOf{
			name: whole.name + " behind 300 bytes", in: masked(fin|text, strings.Repeat("x", 300)+p),
			want: prefixed(whole.want, strings.Repeat("x", 300), p), code: whole.code, cause: whole.cause,
		})
	}
	check(t, new(websocket.Server), cases)
}

func prefixed(want, front, p string) string {
	if want == "" {
		return ""
	}
	return plain(fin|text, front+p)
}

// canGoOn tells whether p can be continued to valid UTF-8.
func canGoOn(p string) bool {
	for _, end := range []string{"", "\x80", "\xa0", "\x90", "\x80\x80", "\xa0\x80", "\x90\x80", "\x80\x80\x80", "\xa0\x80\x80", "\x90\x80\x80"} {
		if utf8.ValidString(p + end) {
			return true
		}
	}
	return false
}

// The connection ends with the byte that makes a text invalid, not later: within a frame, and with fragments of one byte.
func TestUTF8FailFast(t *testing.T) {
	for _, p := range texts() {
		if canGoOn(p) {
			continue
		}
		bad := 0
		for canGoOn(p[:bad]) {
			bad++
		}
		frame := masked(fin|text, p+"and more that never comes")
		head := len(frame) - len(p) - len("and more that never comes")
		server := pipelinetest.New(t, new(websocket.Server).Stage(), echo())
		server.Feed(frame[:head+bad-1])
		if out := server.Output(); out != "" {
			t.Errorf("%q: %q after %d bytes", p, out, bad-1)
		}
		server.Feed(frame[head+bad-1 : head+bad])
		if code, _ := closeOf(server.Output()); code != 1007 {
			t.Errorf("%q: not refused at byte %d", p, bad)
		}

		server = pipelinetest.New(t, new(websocket.Server).Stage(), echo())
		first := text
		for i := range bad - 1 {
			server.Feed(masked(first, p[i:i+1]))
			first = cont
		}
		if out := server.Output(); out != "" {
			t.Errorf("%q in fragments: %q after %d bytes", p, out, bad-1)
		}
		server.Feed(masked(first, p[bad-1:bad]))
		if code, _ := closeOf(server.Output()); code != 1007 {
			t.Errorf("%q in fragments: not refused at byte %d", p, bad)
		}
	}
}
