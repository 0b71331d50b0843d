// Package page serves the pages of the examples: HTML files that are in the program, and need nothing but themselves.
//
//	//go:embed live.html
//	var html []byte
//
//	live := page.New(html) ──► live.Serve(c, r), in the handler of requests
//
// A Page has no state. It may be served on any number of loops.
package page

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// A Page is an HTML file that needs nothing but itself. Its policy says so: the browser runs the script and the style that
// are in the file, known by their hashes, opens WebSockets to where the page came from, and does nothing else.
type Page struct {
	html   []byte
	policy string // Content-Security-Policy, https://www.w3.org/TR/CSP3/
}

// New returns a Page of the text of a file, which must not change any more. The file has one style element and one script
// element, without attributes; New panics if it lacks one.
func New(html []byte) Page {
	return Page{html, "default-src 'none'; style-src " + hashOf(html, "style") + "; script-src " + hashOf(html, "script") +
		"; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"}
}

// hashOf returns the source expression for the text of the first element with a name.
func hashOf(html []byte, name string) string {
	_, text, _ := strings.Cut(string(html), "<"+name+">")
	text, _, ok := strings.Cut(text, "</"+name+">")
	if !ok {
		panic("page has no <" + name + ">")
	}
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Serve answers a request with the page. It is called on the loop of the channel.
func (p *Page) Serve(c *http1.Ctx, r *http1.Request) error {
	if r.Method != "GET" && r.Method != "HEAD" {
		resp := r.Error(405)
		resp.Header.Add("Allow", "GET, HEAD")
		return c.Write(resp)
	}
	resp := r.Bytes(200, "text/html; charset=utf-8", p.html) // sent from where it lies in the program
	resp.Header.Add("Content-Security-Policy", p.policy)
	resp.Header.Add("X-Content-Type-Options", "nosniff")
	resp.Header.Add("Referrer-Policy", "no-referrer")
	resp.Header.Add("Cache-Control", "no-cache")
	return c.Write(resp)
}
