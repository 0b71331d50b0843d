package main

import (
	"fmt"
	"testing"
)

// The sums are those of `xxhsum -H1`.
func TestXXH64(t *testing.T) {
	for text, want := range map[string]string{
		"":     "ef46db3751d8e999",
		"a":    "d24ec4f1a98c6e5b",
		"abc":  "44bc2cf5ad770999",
		"asdf": "415872f599cea71e",
		"Call me Ishmael. Some years ago--never mind how long precisely-": "02a2e85470d6fd96",
	} {
		for cut := range len(text) + 1 {
			x := newXXH64()
			x.Write([]byte(text[:cut]))
			x.Write([]byte(text[cut:]))
			if got := fmt.Sprintf("%016x", x.Sum64()); got != want {
				t.Fatalf("%q cut at %d: %s, want %s", text, cut, got, want)
			}
		}
	}
}
