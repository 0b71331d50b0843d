package main

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// told is what /echo tells.
type told struct {
	request
	Body []byte `json:"body"`
}

func TestEcho(t *testing.T) {
	for _, c := range []struct {
		name, request string
		want          told
	}{
		{"nothing but a head",
			"GET /echo?a=b&c HTTP/1.1\r\nHost: x\r\n\r\n",
			told{request{"GET", "/echo?a=b&c", "HTTP/1.1", map[string]string{"host": "x"}}, []byte{}}},
		{"a method of its own",
			"PURGE /echo HTTP/1.1\r\nHost: x\r\n\r\n",
			told{request{"PURGE", "/echo", "HTTP/1.1", map[string]string{"host": "x"}}, []byte{}}},
		{"an old client",
			"POST /echo HTTP/1.0\r\nContent-Length: 3\r\n\r\na\x00\xff",
			told{request{"POST", "/echo", "HTTP/1.0", map[string]string{"content-length": "3"}}, []byte("a\x00\xff")}},
		{"absolute form",
			"GET http://x/echo?q HTTP/1.1\r\nHost: x\r\n\r\n",
			told{request{"GET", "http://x/echo?q", "HTTP/1.1", map[string]string{"host": "x"}}, []byte{}}},
		{"several fields of one name",
			"GET /echo HTTP/1.1\r\nHOST: x\r\nAccept: a\r\nX-Empty:\r\naccept: b, c\r\n\r\n",
			told{request{"GET", "/echo", "HTTP/1.1", map[string]string{"host": "x", "accept": "a, b, c", "x-empty": ""}}, []byte{}}},
		{"chunks",
			"PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n",
			told{request{"PUT", "/echo", "HTTP/1.1", map[string]string{"host": "x", "transfer-encoding": "chunked"}}, []byte("hello!")}},
		{"bytes that are not UTF-8, and what HTML would mind",
			"GET /echo HTTP/1.1\r\nHost: x\r\nX-Name: \xe9t\xe9 \xc3\xa9 <\"\\\r\n\r\n",
			told{request{"GET", "/echo", "HTTP/1.1", map[string]string{"host": "x", "x-name": "\ufffdt\ufffd é <\"\\"}}, []byte{}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole, drip := connect(t, newSite(t)), connect(t, newSite(t))
			whole.Feed(c.request)
			drip.FeedEach(c.request)
			for _, output := range []string{whole.Output(), drip.Output()} {
				resp := responses(t, output, c.want.Method)[0]
				text, _ := io.ReadAll(resp.Body)
				if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/json" || !utf8.Valid(text) {
					t.Fatalf("%s, %v\n%s", resp.Status, resp.Header, text)
				}
				var got told
				if err := json.Unmarshal(text, &got); err != nil {
					t.Fatalf("%v in %s", err, text)
				}
				if !reflect.DeepEqual(got, c.want) {
					t.Errorf("told %+v\nwant %+v", got, c.want)
				}
			}
		})
	}
}

// The answer to HEAD has the length of the one to GET, and the next one follows at once.
func TestEchoHead(t *testing.T) {
	p := connect(t, newSite(t))
	p.Feed("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\nGEET /echo HTTP/1.1\r\nHost: x\r\n\r\n")
	all := responses(t, p.Output(), "HEAD", "GEET")
	if head, get := all[0], all[1]; head.ContentLength != get.ContentLength || head.ContentLength < 50 {
		t.Errorf("lengths %d and %d", head.ContentLength, get.ContentLength)
	}
}

func TestEchoExpect(t *testing.T) {
	p := connect(t, newSite(t))
	p.Feed("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
	if got := p.Output(); got != "HTTP/1.1 100 Continue\r\n\r\n" {
		t.Fatalf("first %q", got)
	}
	p.Feed("ok")
	text, _ := io.ReadAll(responses(t, p.Output(), "POST")[0].Body)
	if !strings.Contains(string(text), `"body":"b2s="`) {
		t.Errorf("told %s", text)
	}
}

// A body of 16 MiB is told of; a larger one is refused.
func TestEchoLarge(t *testing.T) {
	p := connect(t, newSite(t))
	body := strings.Repeat("0123456789abcdef", maxMessage/16)
	p.Feed("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 16777216\r\n\r\n" + body)
	text, _ := io.ReadAll(responses(t, p.Output(), "POST")[0].Body)
	_, got, _ := strings.Cut(string(text), `"body":"`)
	if want := base64.StdEncoding.EncodeToString([]byte(body)) + "\"}\n"; got != want {
		t.Errorf("%d bytes in base64, want %d", len(got), len(want))
	}
	p.Feed("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 16777217\r\n\r\n")
	if resp := responses(t, p.Output(), "POST")[0]; resp.StatusCode != 413 {
		t.Errorf("one byte more: %s", resp.Status)
	}
}
