package main

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"strings"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec/http1"
)

//go:embed live.html
var liveHTML []byte

// A page is an HTML file that needs nothing but itself. Its policy says so: the browser runs the script and the style that
// are in the file, known by their hashes, opens WebSockets to where the page came from, and does nothing else.
type page struct {
	html   []byte
	policy string // Content-Security-Policy, https://www.w3.org/TR/CSP3/
}

func newPage(html []byte) page {
	return page{html, "default-src 'none'; style-src " + hashOf(html, "style") + "; script-src " + hashOf(html, "script") +
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

// serve answers a request with the page.
func (p *page) serve(c *http1.Ctx, r *http1.Request) error {
	if r.Method != "GET" && r.Method != "HEAD" {
		resp := r.Error(405)
		resp.Header.Add("Allow", "GET, HEAD")
		return c.Write(resp)
	}
	resp := r.Reply(200)
	resp.Header.Add("Content-Type", "text/html; charset=utf-8")
	resp.Header.Add("Content-Security-Policy", p.policy)
	resp.Header.Add("X-Content-Type-Options", "nosniff")
	resp.Header.Add("Referrer-Policy", "no-referrer")
	resp.Header.Add("Cache-Control", "no-cache")
	resp.Body = buffer.Wrap(c.Channel().Cache(), p.html, nil) // sent from where it lies in the program
	return c.Write(resp)
}
