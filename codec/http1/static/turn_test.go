package static

import (
	"strings"
	"testing"
)

// Requests that have come together look at their path once; what changes behind them is seen by those that come then.
func TestOneLookATurn(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{"f": "before"})
	p := s.connect()
	const ten = 10
	requests := strings.Repeat("GET /f HTTP/1.1\r\nHost: h\r\n\r\n", ten)
	p.Feed(requests)
	if n := strings.Count(p.Output(), "before"); n != ten {
		t.Fatalf("%d answers", n)
	}
	first := s.files.Stats()
	p.Feed(requests)
	now := s.files.Stats()
	if hits, looks := now.Hits-first.Hits, now.Looks-first.Looks; hits != ten || looks != 1 {
		t.Errorf("%d hits with %d looks", hits, looks)
	}
	p.Output()
	s.write("f", "behind")
	p.Feed(requests)
	if n := strings.Count(p.Output(), "behind"); n != ten {
		t.Errorf("%d of %d answers have seen the change", n, ten)
	}
}
