package web

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// VerifyTime is how long a server may take for all its answers.
const VerifyTime = 30 * time.Second

const greeting = "Hello, World!"

// VerifyHello compares answers one by one, pipelined, and to requests that come in pieces.
func VerifyHello(s *harness.Server) error {
	one := []byte("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	for _, count := range []int{1, 16, 1000} {
		err := talk(s.Port, bytes.Repeat(one, count), func(in *bufio.Reader) error {
			for i := range count {
				if err := greeted(in, s.Name != "nethttp"); err != nil {
					return fmt.Errorf("answer %d of %d: %w", i+1, count, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// greeted reads one answer. All have the same fields, but for net/http, which does not name itself.
func greeted(in *bufio.Reader, named bool) error {
	r, body, err := answer(in)
	switch {
	case err != nil:
		return err
	case r.StatusCode != http.StatusOK || !r.ProtoAtLeast(1, 1):
		return fmt.Errorf("status %s %s", r.Proto, r.Status)
	case string(body) != greeting || r.ContentLength != int64(len(greeting)):
		return fmt.Errorf("body %q, Content-Length %d", body, r.ContentLength)
	case !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain"):
		return fmt.Errorf("the content type is %q", r.Header.Get("Content-Type"))
	case named && r.Header.Get("Server") == "":
		return errors.New("no Server")
	}
	return dated(r)
}

// dated wants a Date of now.
func dated(r *http.Response) error {
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return err
	}
	if age := time.Since(date); age < -5*time.Second || age > 5*time.Second {
		return fmt.Errorf("the date is %v old", age)
	}
	if r.Close {
		return errors.New("the server wants to close the connection")
	}
	return nil
}

func answer(in *bufio.Reader) (*http.Response, []byte, error) {
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(r.Body)
	return r, body, err
}

// VerifyFiles compares the sums of files that are fetched one after the other, and wants a 404 for what is not there.
func VerifyFiles(s *harness.Server, sums map[string][sha256.Size]byte) error {
	names := append(slices.Sorted(maps.Keys(sums)), SmallFile, SmallFile)
	var text strings.Builder
	for _, name := range append(names, "missing.bin") {
		fmt.Fprintf(&text, "GET /%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", name)
	}
	return talk(s.Port, []byte(text.String()), func(in *bufio.Reader) error {
		for _, name := range names {
			if err := fetched(in, sums[name]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		r, _, err := answer(in)
		if err == nil && r.StatusCode != http.StatusNotFound {
			err = fmt.Errorf("a file that is not there: status %s", r.Status)
		}
		return err
	})
}

func fetched(in *bufio.Reader, want [sha256.Size]byte) error {
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK || r.ContentLength < 0 {
		return fmt.Errorf("status %s, Content-Length %d", r.Status, r.ContentLength)
	}
	h := sha256.New()
	if _, err := io.Copy(h, r.Body); err != nil {
		return err
	}
	if [sha256.Size]byte(h.Sum(nil)) != want {
		return errors.New("other bytes than those of the file")
	}
	return dated(r)
}

// talk sends text to a server in pieces of random sizes, while receive reads the answers.
func talk(port string, text []byte, receive func(*bufio.Reader) error) error {
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(VerifyTime))
	sent := make(chan error, 1)
	go func() { sent <- SendPieces(c, text) }()
	in := bufio.NewReader(c)
	if err := receive(in); err != nil {
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	return Silent(c, in)
}

// SendPieces sends text in pieces of random sizes.
func SendPieces(c net.Conn, text []byte) error {
	random := rand.New(rand.NewPCG(1, uint64(len(text))))
	for len(text) > 0 {
		n := min(1+random.IntN(100), len(text))
		if random.IntN(4) == 0 {
			n = min(1+random.IntN(4000), len(text))
		}
		if _, err := c.Write(text[:n]); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

// Silent wants nothing more to come, for a moment.
func Silent(c net.Conn, in *bufio.Reader) error {
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	n, err := in.Read(make([]byte, 1))
	var timeout net.Error
	if n > 0 || !errors.As(err, &timeout) || !timeout.Timeout() {
		return fmt.Errorf("after the last answer came %d more bytes, %v", n, err)
	}
	return nil
}
