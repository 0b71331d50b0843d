package static

import (
	"os"
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

// A request that is answered when a turn ends, behind a list that a worker has made, looks at its path then: what that look has found is
// not for those that the system tells of afterwards.
func TestLookAtTheEndOfATurn(t *testing.T) {
	s := newSite(t, Options{List: true}, map[string]string{"list/": "", "f": "before"})
	p := s.connect()
	p.Feed(request("GET", "/f"))
	p.Output()
	p.Feed(request("GET", "/list/") + request("GET", "/f"))
	for out := ""; !strings.HasSuffix(out, "before"); {
		out += wait(p)
	}
	s.must(os.Remove(s.path("f")))
	s.write("f", "another file")
	s.send(p, "GET", "/f").want(t, "replaced", 200, "another file")
}
