package nethttp_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// dump answers with what the handler got.
func dump(w http.ResponseWriter, r *http.Request, _ notes) {
	body, err := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/plain")
	fmt.Fprintf(w, "%s %q %s %d.%d\n", r.Method, r.RequestURI, r.Proto, r.ProtoMajor, r.ProtoMinor)
	fmt.Fprintf(w, "url %#v\n", *r.URL)
	fmt.Fprintf(w, "host %q length %d coding %v close %v\n", r.Host, r.ContentLength, r.TransferEncoding, r.Close)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(w, "%s: %q\n", name, r.Header[name])
	}
	fmt.Fprintf(w, "body %d %s %v\n", len(body), brief(body), err)
	for _, name := range slices.Sorted(maps.Keys(r.Trailer)) {
		fmt.Fprintf(w, "trailer %s: %q\n", name, r.Trailer[name])
	}
	fmt.Fprintf(w, "no body %v\n", r.Body == http.NoBody)
	fmt.Fprintf(w, "remote %v local %v server %v\n", strings.HasPrefix(r.RemoteAddr, "127.0.0.1:"),
		r.Context().Value(http.LocalAddrContextKey) != nil, r.Context().Value(http.ServerContextKey) != nil)
}

// Refused requests are answered with other words, and with the length of them.
var (
	refused    = []string{"400 length -1", "400 length 15", "  Content-Type", "  Content-Length: 15\n  Content-Type"}
	refusedURI = []string{"400 length -1", "400 length 25", "  Content-Type", "  Content-Length: 25\n  Content-Type",
		`body 15 "400 Bad Request"`, `body 25 "target has no valid host\n"`}
)

// uncontinued is for clients that do not wait for 100: it is not sent when a part of the body is there (RFC 9110 section 10.1.1).
var uncontinued = []string{"100\n", ""}

// TestRequests compares the requests that handlers get.
func TestRequests(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 20000)
	table(t, []row{
		{name: "plain", in: get(), handle: dump},
		{name: "query", in: request("GET", "/a/b?c=d&e=%20f", "", ""), handle: dump},
		{name: "escapes", in: request("GET", "/a%2Fb/%c3%a4?x=%zz", "", ""), handle: dump},
		{name: "many slashes", in: request("GET", "//a//b/../c/.", "", ""), handle: dump},
		{name: "query only", in: request("GET", "/?", "", ""), handle: dump},
		{name: "odd bytes in target", in: request("GET", `/a|b^c{d}"e<f>`, "", ""), handle: dump},
		{name: "bad escape", in: request("GET", "/%zz", "", ""), handle: dump, but: refused},
		{name: "URI", in: request("GET", "http://other.org:80/x?y", "", ""), handle: dump},
		{name: "URI without path", in: request("GET", "http://other.org", "", ""), handle: dump},
		{name: "URI without path, with query", in: request("GET", "http://other.org?a", "", ""), handle: dump},
		{name: "URI with bad port", in: request("GET", "http://other.org:abc/", "", ""), handle: dump, but: refusedURI},
		{name: "URI of IPv6", in: request("GET", "http://[::1]:80/", "", ""), handle: dump},
		{name: "URI of bad IPv6", in: request("GET", "http://[::1/", "", ""), handle: dump, but: refusedURI},
		{name: "empty host", in: "GET / HTTP/1.1\r\nHost:\r\n\r\n", handle: dump},
		{name: "CONNECT", in: request("CONNECT", "other.org:443", "", ""), handle: func(w http.ResponseWriter, r *http.Request, n notes) {
			w.WriteHeader(http.StatusForbidden)
			dump(w, r, n)
		}, but: []string{"[] close false\n", "[] close true\n", // what follows may be meant for the tunnel: RFC 9931 section 8
			"200 length 5 coding [] close true\n  Content-Length: 5\n  Content-Type: text/plain; charset=utf-8\n  body 5 \"probe\"\nmore responses than requests\n", "end\n"}},
		{name: "OPTIONS *", in: request("OPTIONS", "*", "", ""), handle: dump},
		{name: "OPTIONS * with body", in: request("OPTIONS", "*", "Content-Length: 3\r\n", "abc"), handle: dump},
		{name: "own method", in: request("M-SEARCH", "/", "", ""), handle: dump},
		{name: "names of fields", in: get("x-lower: a\r\nX-UPPER: b\r\nx_under_score: c\r\nX!: d\r\nETag: e\r\nWWW-authenticate: f\r\n"), handle: dump},
		{name: "fields twice", in: get("A: 1\r\nB: 2\r\na: 3\r\nA:\r\nCookie: a=b\r\nCookie: c=d\r\n"), handle: dump},
		{name: "spaces", in: get("A:   1  2 \t \r\nB:\tx\r\n"), handle: dump},
		{name: "not ASCII", in: get("A: \xc3\xa4\xff\r\n"), handle: dump},
		{name: "colons", in: get("A: b:c::d\r\n"), handle: dump},
		{name: "no-cache", in: get("Pragma: no-cache\r\n"), handle: dump},
		{name: "no-cache and more", in: get("Pragma: no-cache\r\nCache-Control: max-age=3\r\n"), handle: dump},
		{name: "close", in: get("Connection: close\r\n"), handle: dump},
		{name: "keep-alive, Close", in: get("Connection: keep-alive, Close\r\n"), handle: dump},
		{name: "1.0", in: "GET / HTTP/1.0\r\n\r\n", handle: dump},
		{name: "1.0 with host", in: "GET / HTTP/1.0\r\nHost: h\r\n\r\n", handle: dump},
		{name: "1.0 keep-alive", in: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", handle: dump},
		{name: "1.0 keep-alive with body", in: "POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc", handle: dump},
		{name: "three requests", in: get() + post("", "abc") + get("A: b\r\n"), handle: dump},
		{name: "body", in: post("", "abc"), handle: dump},
		{name: "empty body", in: post("", ""), handle: dump},
		{name: "POST without length", in: request("POST", "/", "", ""), handle: dump},
		{name: "GET with body", in: request("GET", "/", "Content-Length: 3\r\n", "abc"), handle: dump},
		{name: "large body", in: post("", large), handle: dump},
		{name: "chunks", in: chunks("", "", "abc", "def"), handle: dump},
		{name: "no chunks", in: chunks("", ""), handle: dump},
		{name: "large chunks", in: chunks("", "", large, "x", large), handle: dump},
		{name: "trailer", in: chunks("", "A: b\r\nc: d\r\nA: e\r\n", "abc"), handle: dump},
		{name: "declared trailer", in: chunks("Trailer: A, c,b\r\n", "A: b\r\nc: d\r\nA: e\r\n", "abc"), handle: dump},
		{name: "trailer that is none", in: chunks("Trailer: Content-Length\r\n", "", "abc"), handle: dump, but: refused},
		{name: "declared trailer without chunks", in: post("Trailer: A\r\n", "abc"), handle: dump},
		{name: "trailer before it came", in: chunks("Trailer: A\r\n", "A: b\r\n", "abc"), handle: func(w http.ResponseWriter, r *http.Request, note notes) {
			note("%v", r.Trailer)
			dump(w, r, note)
		}},
		{name: "expectation", in: post("Expect: 100-continue\r\n", "abc"), handle: dump, but: uncontinued},
		{name: "form", in: post("Content-Type: application/x-www-form-urlencoded\r\n", "a=b&c=d"), handle: func(w http.ResponseWriter, r *http.Request, _ notes) {
			fmt.Fprint(w, r.FormValue("a"), r.FormValue("c"), r.PostForm)
		}},
		{name: "form of parts", in: post("Content-Type: multipart/form-data; boundary=xx\r\n",
			"--xx\r\nContent-Disposition: form-data; name=\"f\"; filename=\"g\"\r\n\r\n"+large+"\r\n--xx--\r\n"),
			handle: func(w http.ResponseWriter, r *http.Request, _ notes) {
				r.ParseMultipartForm(1000) // so that it is a file
				f, h, err := r.FormFile("f")
				if err != nil {
					fmt.Fprint(w, err)
					return
				}
				defer f.Close()
				n, err := io.Copy(io.Discard, f)
				fmt.Fprint(w, h.Filename, n, err)
			}},
	})
}
