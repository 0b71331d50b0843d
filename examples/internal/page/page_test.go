package page

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

const html = "<title>t</title><style>p { color: red }</style><p>Hello</p><script>\n\"use strict\";\n</script>"

func TestServe(t *testing.T) {
	p := New([]byte(html))
	server := http1.Server{}
	pipe := pipelinetest.Config{}.Accept(t, pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{server.Stage(), http1.Serve(p.Serve)}
	}))
	pipe.Feed("GET / HTTP/1.1\r\nHost: x\r\n\r\nHEAD / HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
	in := bufio.NewReader(strings.NewReader(pipe.Output()))
	next := func(method string) (*http.Response, string) {
		t.Helper()
		resp, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(body)
	}
	resp, body := next("GET")
	policy := resp.Header.Get("Content-Security-Policy")
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" || body != html {
		t.Errorf("%s, %v, %q", resp.Status, resp.Header, body)
	}
	for _, want := range []string{
		"default-src 'none'; ",
		"; style-src " + digest("p { color: red }") + "; ",
		"; script-src " + digest("\n\"use strict\";\n") + "; ",
	} {
		if !strings.Contains("; "+policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if resp, body := next("HEAD"); resp.ContentLength != int64(len(html)) || body != "" || resp.Header.Get("Content-Security-Policy") != policy {
		t.Errorf("HEAD: %d bytes, %v", resp.ContentLength, resp.Header)
	}
	if resp, _ := next("POST"); resp.StatusCode != 405 || resp.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %s, %v", resp.Status, resp.Header)
	}
}

// digest returns what a policy calls a script or style, https://www.w3.org/TR/CSP3/#source-list.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func TestNewPanics(t *testing.T) {
	for _, text := range []string{"", "<style></style>", "<script></script>", "<style></style><script>"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("New takes %q", text)
				}
			}()
			New([]byte(text))
		}()
	}
}
