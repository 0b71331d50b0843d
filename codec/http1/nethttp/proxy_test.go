package nethttp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/codec/http1/nethttp"
)

// TestProxy has a request go through both: a server of net/http behind a proxy that is served by ours and asks by ours.
func TestProxy(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/dump", func(w http.ResponseWriter, r *http.Request) { dump(w, r, nil) })
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Write(b)
	})
	mux.HandleFunc("/trailer", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "A")
		io.WriteString(w, "body")
		w.Header().Set("A", "1")
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, r *http.Request) { write(w, 100000, 1000); panic(http.ErrAbortHandler) })
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream") // so that the proxy flushes
		for i := range 5 {
			fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	})
	mux.HandleFunc("/upgrade", func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
		io.Copy(c, rw)
	})
	backend := httptest.NewServer(mux)
	defer backend.Close()
	target, _ := url.Parse(backend.URL)
	ours := newTransport(t)
	addr := serve(t, &nethttp.Server{Handler: &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		Transport: ours,
	}})
	client := &http.Client{Transport: newTransport(t), Timeout: patience}
	base := "http://" + addr

	t.Run("GET", func(t *testing.T) {
		resp, err := client.Get(base + "/dump?a=b")
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !strings.Contains(string(b), `GET "/dump?a=b"`) || !strings.Contains(string(b), addr) {
			t.Errorf("%v, %s", err, b)
		}
	})
	t.Run("many", func(t *testing.T) {
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				for k := range 10 {
					body := bytes.Repeat([]byte{byte(i), byte(k)}, 10000*(k%4))
					resp, err := client.Post(base+"/echo", "x/y", bytes.NewReader(body))
					if err != nil {
						t.Error(err)
						return
					}
					b, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					if err != nil || !bytes.Equal(b, body) {
						t.Errorf("%d bytes came back of %d, %v", len(b), len(body), err)
					}
				}
			})
		}
		all.Wait()
	})
	t.Run("trailer", func(t *testing.T) {
		resp, err := client.Get(base + "/trailer")
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(b) != "body" || resp.Trailer.Get("A") != "1" {
			t.Errorf("%v, %s, %v", err, b, resp.Trailer)
		}
	})
	t.Run("broken", func(t *testing.T) {
		resp, err := client.Get(base + "/broken")
		if err != nil {
			return
		}
		if _, err := io.ReadAll(resp.Body); err == nil {
			t.Error("a broken body has an ordinary end")
		}
		resp.Body.Close()
	})
	t.Run("stream", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		r, _ := http.NewRequestWithContext(ctx, "GET", base+"/stream", nil)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		in := bufio.NewScanner(resp.Body)
		for i := range 5 {
			if !in.Scan() || in.Text() != fmt.Sprintf("data: %d", i) || !in.Scan() {
				t.Fatalf("event %d: %q, %v", i, in.Text(), in.Err())
			}
		}
		cancel() // the backend's handler waits for that
		if in.Scan() || !errors.Is(in.Err(), context.Canceled) {
			t.Errorf("%q, %v", in.Text(), in.Err())
		}
		resp.Body.Close()
	})
	t.Run("upgrade", func(t *testing.T) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(patience))
		io.WriteString(c, request("GET", "/upgrade", "Connection: Upgrade\r\nUpgrade: echo\r\n", "")+"first ")
		in := bufio.NewReader(c)
		resp, err := http.ReadResponse(in, nil)
		if err != nil || resp.StatusCode != 101 || resp.Header.Get("Upgrade") != "echo" {
			t.Fatal(resp, err)
		}
		io.WriteString(c, "second")
		got := make([]byte, len("first second"))
		if _, err := io.ReadFull(in, got); err != nil || string(got) != "first second" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// TestClient uses a Transport through http.Client.
func TestClient(t *testing.T) {
	stuck := make(chan bool)
	mux := http.NewServeMux()
	mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/b", http.StatusTemporaryRedirect) })
	mux.HandleFunc("/b", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", r.Method, b)
	})
	mux.HandleFunc("/stuck", func(w http.ResponseWriter, r *http.Request) { <-stuck })
	server := httptest.NewServer(mux)
	defer server.Close()
	defer close(stuck)
	client := &http.Client{Transport: newTransport(t), Timeout: patience}
	resp, err := client.Post(server.URL+"/a", "text/plain", strings.NewReader("abc"))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if string(b) != "POST abc" {
		t.Errorf("got %s", b)
	}
	client.Timeout = 50 * time.Millisecond
	_, err = client.Get(server.URL + "/stuck")
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v", err)
	}
}
