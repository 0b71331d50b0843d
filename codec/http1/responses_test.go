package http1_test

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A response is one that a peer has got.
type response struct {
	status  int
	reason  string
	fields  [][2]string // names in lower case
	body    string
	chunks  []int // their sizes, if it is chunked
	trailer [][2]string
	toClose bool // its body ends with the connection
}

// get returns the value of a field, "" if there is none.
func (r response) get(name string) string {
	for _, f := range r.fields {
		if f[0] == name {
			return f[1]
		}
	}
	return ""
}

func (r response) has(name string) bool {
	for _, f := range r.fields {
		if f[0] == name {
			return true
		}
	}
	return false
}

var (
	statusLine = regexp.MustCompile(`^HTTP/1\.1 ([1-5][0-9][0-9]) ([^\x00-\x08\x0a-\x1f\x7f]*)$`)
	fieldLine  = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*" +
		`([^\x00-\x20\x7f](?:[^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?)?[ \t]*$`)
	chunkSize = regexp.MustCompile(`^(0|[1-9a-fA-F][0-9a-fA-F]{0,14})$`)
)

// parseResponses reads all that a server has sent, as strictly as a client can. ended says whether the stream has ended;
// methods are those of the requests.
func parseResponses(out string, ended bool, methods []string) ([]response, error) {
	var all []response
	for final := 0; out != ""; {
		method := "GET"
		if final < len(methods) {
			method = methods[final]
		} else if strings.HasSuffix(out, "\r\n\r\n") && ended {
			method = "HEAD" // a bad one, that no handler has seen
		}
		r, rest, err := parseResponse(out, ended, method)
		if err != nil {
			return all, fmt.Errorf("response %d: %w", len(all)+1, err)
		}
		all = append(all, r)
		if r.status >= 200 {
			final++
		}
		if r.status == 101 || r.status < 300 && method == "CONNECT" {
			all[len(all)-1].body = rest // of another protocol
			break
		}
		out = rest
	}
	return all, nil
}

// oneResponse is for tests that expect exactly one.
func oneResponse(t testing.TB, out string, ended bool, method string) response {
	t.Helper()
	all, err := parseResponses(out, ended, []string{method})
	if err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	if len(all) != 1 {
		t.Fatalf("%d responses: %q", len(all), out)
	}
	return all[0]
}

func parseResponse(out string, ended bool, method string) (r response, rest string, err error) {
	line, out, _ := strings.Cut(out, "\r\n")
	m := statusLine.FindStringSubmatch(line)
	if m == nil {
		return r, "", fmt.Errorf("status line %.200q", line)
	}
	r.status, _ = strconv.Atoi(m[1])
	r.reason = m[2]
	if r.fields, out, err = parseFields(out); err != nil {
		return r, "", err
	}
	if err := r.check(); err != nil {
		return r, "", err
	}
	length, chunked := r.get("content-length"), r.has("transfer-encoding")
	switch {
	case r.status < 200 || r.status == 204:
		if r.has("content-length") || chunked {
			return r, "", fmt.Errorf("framing of a %d: %q", r.status, r.fields) // RFC 9110 section 8.6, RFC 9112 section 6.1
		}
	case method == "HEAD" || r.status == 304:
	case method == "CONNECT" && r.status < 300:
		if r.has("content-length") || chunked {
			return r, "", fmt.Errorf("framing of a %d to CONNECT: %q", r.status, r.fields)
		}
	case chunked:
		return parseChunked(r, out)
	case length != "":
		n, _ := strconv.Atoi(length)
		if n > len(out) {
			return r, "", fmt.Errorf("%d bytes of a body of %d", len(out), n)
		}
		r.body, out = out[:n], out[n:]
	case !ended:
		return r, "", errors.New("the body has no end")
	default:
		r.body, out, r.toClose = out, "", true
	}
	return r, out, nil
}

// check looks at the fields that say how the message ends, and at Date.
func (r response) check() error {
	count := make(map[string]int)
	for _, f := range r.fields {
		count[f[0]]++
	}
	length := r.get("content-length")
	n, err := strconv.ParseInt(length, 10, 64)
	switch {
	case count["content-length"]+count["transfer-encoding"] > 1:
		return fmt.Errorf("the framing is ambiguous: %q", r.fields)
	case count["content-length"] == 1 && (err != nil || length != strconv.FormatInt(n, 10)):
		return fmt.Errorf("Content-Length: %q", length)
	case count["transfer-encoding"] == 1 && r.get("transfer-encoding") != "chunked":
		return fmt.Errorf("Transfer-Encoding: %q", r.get("transfer-encoding"))
	case count["connection"] > 1:
		return fmt.Errorf("several Connection: %q", r.fields)
	case r.status >= 200 && count["date"] != 1:
		return fmt.Errorf("%d Date", count["date"]) // RFC 9110 section 6.6.1
	case count["date"] == 0:
		return nil
	}
	date, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", r.get("date"))
	if err != nil || len(r.get("date")) != 29 {
		return fmt.Errorf("Date: %q", r.get("date"))
	}
	if d := time.Since(date); d > time.Hour || d < -time.Hour {
		return fmt.Errorf("Date: %q is %v ago", r.get("date"), d)
	}
	return nil
}

// parseFields reads up to the empty line.
func parseFields(out string) (fields [][2]string, rest string, err error) {
	for {
		line, rest, ok := strings.Cut(out, "\r\n")
		if !ok {
			return nil, "", fmt.Errorf("the head ends within %.200q", line)
		}
		out = rest
		if line == "" {
			return fields, out, nil
		}
		m := fieldLine.FindStringSubmatch(line)
		if m == nil {
			return nil, "", fmt.Errorf("field %.200q", line)
		}
		fields = append(fields, [2]string{strings.ToLower(m[1]), m[2]})
	}
}

func parseChunked(r response, out string) (response, string, error) {
	for {
		line, rest, ok := strings.Cut(out, "\r\n")
		if !ok || !chunkSize.MatchString(line) {
			return r, "", fmt.Errorf("chunk size %.200q", line)
		}
		n, _ := strconv.ParseUint(line, 16, 63)
		if n == 0 {
			var err error
			r.trailer, rest, err = parseFields(rest)
			return r, rest, err
		}
		if n+2 > uint64(len(rest)) || rest[n:n+2] != "\r\n" {
			return r, "", fmt.Errorf("a chunk of %d bytes does not end where it should: %.200q", n, rest)
		}
		r.chunks = append(r.chunks, int(n))
		r.body += rest[:n]
		out = rest[n+2:]
	}
}
