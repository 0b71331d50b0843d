package nethttp

import (
	"bufio"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// FuzzRequest makes http.Requests of heads that package http1 accepts, and compares them to those of net/http.
func FuzzRequest(f *testing.F) {
	for _, head := range []string{
		"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /a%20b?c=d;e#f HTTP/1.1\r\nHost: h:80\r\nA: b\r\na: c\r\nCookie: x\r\n\r\n",
		"GET http://o.org/x?y HTTP/1.1\r\nHost: h\r\nPragma: no-cache\r\n\r\n",
		"CONNECT o.org:443 HTTP/1.1\r\nHost: h\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close, x\r\n\r\n",
		"POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\n",
		"POST //x HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\nTrailer: A, b\r\nTrailer: c\r\n\r\n",
		"POST /%zz HTTP/1.1\r\nHost: h\r\nTrailer: Content-Length\r\nTransfer-Encoding: chunked\r\n\r\n",
	} {
		f.Add(head)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var ours *http.Request
		var failed error
		accepted := false
		server := &http1.Server{Stream: true, Limits: http1.Limits{Body: -1, Head: 1 << 20, Line: 1 << 20}}
		p := pipelinetest.Config{Options: channel.Options{Linger: -1}}.New(t, server.Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
			if accepted {
				return nil
			}
			accepted = true
			h := headOf(r)
			ours = new(http.Request)
			failed = h.request(ours)
			return nil
		}))
		p.Feed(text)
		if !accepted {
			return
		}
		theirs, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.TrimLeft(text, "\r\n"))))
		if (err == nil) != (failed == nil) {
			t.Fatalf("net/http: %v, ours: %v", err, failed)
		}
		if err != nil {
			return
		}
		if theirs.ProtoMinor > 1 { // such a version is taken for the one that is known
			theirs.Proto, theirs.ProtoMinor = "HTTP/1.1", 1
		}
		theirs.Body, ours.Body = nil, nil
		if !reflect.DeepEqual(theirs, ours) {
			t.Errorf("net/http:\n%#v\n%#v\nours:\n%#v\n%#v", theirs, theirs.URL, ours, ours.URL)
		}
	})
}

func TestWithoutZone(t *testing.T) {
	for in, want := range map[string]string{
		"a": "a", "a:80": "a:80", "[::1]": "[::1]", "[fe80::1%en0]": "[fe80::1]", "[fe80::1%en0]:80": "[fe80::1]:80", "[": "[", "[%": "[%", "a%b": "a%b",
	} {
		if got := withoutZone(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
