package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// request is what /echo tells of a request, in front of its body. Bytes that are not UTF-8, which fields may have, become U+FFFD.
type request struct {
	Method  string            `json:"method"`
	Target  string            `json:"target"`
	Version string            `json:"version"`
	Headers map[string]string `json:"headers"` // by lower-case name; several values are joined by ", ", RFC 9110 section 5.3
}

// echo answers any method with what was parsed, as JSON.
func echo(c *http1.Ctx, r *http1.Request) error {
	body := r.TakeBody()
	if body != nil {
		defer body.Release()
	}
	text, err := describe(r)
	if err != nil {
		return err
	}
	resp := r.Reply(200)
	resp.Header.Add("Content-Type", "application/json")
	resp.Header.Add("Cache-Control", "no-store")
	resp.Body = withBody(c.Channel().Cache(), text, body)
	return c.Write(resp)
}

// describe returns all of the answer but the body.
func describe(r *http1.Request) ([]byte, error) {
	q := request{Method: r.Method, Target: string(r.Target), Version: "HTTP/1.1", Headers: make(map[string]string)}
	if r.Minor == 0 {
		q.Version = "HTTP/1.0"
	}
	for name, value := range r.Header.All() {
		key, v := strings.ToLower(string(name)), string(value)
		if before, ok := q.Headers[key]; ok {
			v = before + ", " + v
		}
		q.Headers[key] = v
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // nosniff is not needed either: application/json is shown as text
	if err := e.Encode(q); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("}\n")), nil
}

// withBody completes an answer. A body of many MiB is encoded from where it lies into where it leaves from.
func withBody(home buffer.Allocator, text []byte, body *buffer.Buf) *buffer.Buf {
	size := 0
	if body != nil {
		size = base64.StdEncoding.EncodedLen(body.Len())
	}
	answer := home.Alloc(len(text) + size + 16)
	answer.Write(text)
	answer.PutString(`,"body":"`)
	if body != nil {
		e := base64.NewEncoder(base64.StdEncoding, answer)
		body.WriteTo(e)
		e.Close()
	}
	answer.PutString("\"}\n")
	return answer
}
