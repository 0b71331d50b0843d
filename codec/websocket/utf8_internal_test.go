package websocket

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// hopeful tells, in the simplest way, whether p can be continued to valid UTF-8.
func hopeful(p string) bool {
	for _, end := range []string{"", "\x80", "\xa0", "\x90", "\x80\x80", "\xa0\x80", "\x90\x80", "\x80\x80\x80", "\xa0\x80\x80", "\x90\x80\x80"} {
		if utf8.ValidString(p + end) {
			return true
		}
	}
	return false
}

// checkText compares the states of p, cut in two in all ways, with what hopeful says.
func checkText(t *testing.T, p string) {
	t.Helper()
	for cut := range len(p) + 1 {
		var u utf8State
		ok := u.bytes([]byte(p[:cut])) && u.bytes([]byte(p[cut:]))
		if ok != hopeful(p) || ok && (u == 0) != utf8.ValidString(p) {
			t.Fatalf("%q cut at %d: ok=%v, state %d", p, cut, ok, u)
		}
	}
}

// All texts of one and two bytes, and those of three and four whose bytes are at the edges of the ranges of RFC 3629.
func TestUTF8States(t *testing.T) {
	edges := "\x00\x41\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xf7\xf8\xfb\xfc\xfd\xfe\xff"
	for a := range 256 {
		checkText(t, string([]byte{byte(a)}))
		for b := range 256 {
			checkText(t, string([]byte{byte(a), byte(b)}))
		}
	}
	for i := range edges {
		for j := range edges {
			for k := range edges {
				checkText(t, string([]byte{edges[i], edges[j], edges[k]}))
				for _, last := range "\x41\u0080\u00bf" {
					checkText(t, string([]byte{edges[i], edges[j], edges[k], byte(last)}))
				}
			}
		}
	}
}

// All characters, in one text that is cut at random.
func TestUTF8All(t *testing.T) {
	var all strings.Builder
	for c := rune(0); c <= utf8.MaxRune; c++ {
		if utf8.ValidRune(c) {
			all.WriteRune(c)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	var u utf8State
	for p := all.String(); p != ""; {
		n := min(len(p), r.IntN(20))
		if !u.bytes([]byte(p[:n])) {
			t.Fatalf("%q is not accepted", p[:n])
		}
		p = p[n:]
	}
	if u != 0 {
		t.Errorf("state %d at the end", u)
	}
}

func FuzzUTF8(f *testing.F) {
	for _, p := range []string{"Hello", "κόσμε", "\xed\xa0\x80", "\xf4\x8f\xbf\xbf", "\xf4\x90", "a\xe2\x82", "\xf0\x90\x80\x80\xed\x9f\xbf"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		if len(p) < 1000 {
			checkText(t, p)
		}
	})
}

func BenchmarkUTF8(b *testing.B) {
	for _, test := range []struct{ name, unit string }{{"ascii", "x"}, {"german", "Die Straße ist naß. "}, {"greek", "κόσμε "}} {
		for _, n := range []int{125, 64 << 10} {
			p := []byte(strings.ToValidUTF8(strings.Repeat(test.unit, n)[:n], ""))
			b.Run(fmt.Sprintf("%s/%d", test.name, n), func(b *testing.B) {
				b.SetBytes(int64(len(p)))
				for b.Loop() {
					var u utf8State
					if !u.bytes(p) || u != 0 {
						b.Fatal("invalid")
					}
				}
			})
		}
	}
}
