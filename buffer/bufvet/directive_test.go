package bufvet

import "testing"

func TestParseDirective(t *testing.T) {
	for _, test := range []struct {
		text, verb, rest string
		ok               bool
	}{
		{"//bufvet:borrow dst", "borrow", "dst", true},
		{"//bufvet:borrow  a, b ", "borrow", "a, b", true},
		{"//bufvet:lend", "lend", "", true},
		{"//bufvet:ignore the test does so on purpose", "ignore", "the test does so on purpose", true},
		{"//bufvet:", "", "", true},
		{"// bufvet:lend", "", "", false},
		{"//bufvet", "", "", false},
		{"//go:noinline", "", "", false},
		{"/*bufvet:lend*/", "", "", false},
	} {
		verb, rest, ok := parseDirective(test.text)
		if verb != test.verb || rest != test.rest || ok != test.ok {
			t.Errorf("%q: %q, %q, %t", test.text, verb, rest, ok)
		}
	}
}
