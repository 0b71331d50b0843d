package nethttp_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBodies compares what becomes of a connection whose handler does this and that with the body of the request.
func TestBodies(t *testing.T) {
	small, large := strings.Repeat("s", 1000), strings.Repeat("l", 300<<10)
	ignore := answer(func(w http.ResponseWriter) { io.WriteString(w, "done") })
	readSome := func(w http.ResponseWriter, r *http.Request, _ notes) {
		n, err := io.ReadFull(r.Body, make([]byte, 10))
		io.WriteString(w, strings.Repeat("done", n))
		if err != nil {
			io.WriteString(w, err.Error())
		}
	}
	closes := func(w http.ResponseWriter, r *http.Request, note notes) {
		note("%v", r.Body.Close())
		n, err := r.Body.Read(make([]byte, 10))
		note("%d %v", n, err)
		note("%v", r.Body.Close())
		io.WriteString(w, "done")
	}
	readLate := func(w http.ResponseWriter, r *http.Request, note notes) {
		w.(http.Flusher).Flush()
		b, err := io.ReadAll(r.Body)
		note("%d %v", len(b), err)
	}
	duplex := func(w http.ResponseWriter, r *http.Request, note notes) {
		note("%v", http.NewResponseController(w).EnableFullDuplex())
		w.(http.Flusher).Flush()
		b, err := io.ReadAll(r.Body)
		note("%d %v", len(b), err)
	}
	echo := func(w http.ResponseWriter, r *http.Request, note notes) {
		http.NewResponseController(w).EnableFullDuplex()
		n, err := io.Copy(w, r.Body)
		note("%d %v", n, err)
	}
	halfEcho := func(w http.ResponseWriter, r *http.Request, note notes) {
		n, err := io.Copy(w, r.Body) // what was not read when the head is sent is dropped, as surprising as that is
		note("%d %v", n, err)
	}
	maxBytes := func(w http.ResponseWriter, r *http.Request, note notes) {
		_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 100))
		note("%v", err)
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
	}
	var rows []row
	for _, h := range []row{
		{name: "ignored", handle: ignore}, {name: "read in part", handle: readSome}, {name: "closed", handle: closes},
		{name: "read after Flush", handle: readLate}, {name: "half duplex echo", handle: halfEcho}, {name: "full duplex", handle: duplex}, {name: "echo", handle: echo},
		{name: "wanted by HEAD", handle: ignore},
	} {
		for _, b := range []row{
			{name: "small", in: post("", small)},
			{name: "large", in: post("", large)},
			{name: "small chunks", in: chunks("", "", small, small)},
			{name: "small, close", in: post("Connection: close\r\n", small)},
			{name: "large, close", in: post("Connection: close\r\n", large)},
			{name: "1.0", in: "POST / HTTP/1.0\r\nContent-Length: 1000\r\n\r\n" + small},
			{name: "1.0 keep-alive", in: "POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1000\r\n\r\n" + small},
		} {
			if strings.HasSuffix(h.name, "echo") && b.name == "large, close" {
				continue // what arrives depends on when net/http closes
			}
			in := b.in
			if strings.HasSuffix(h.name, "HEAD") {
				in = strings.Replace(in, "POST", "HEAD", 1)
			}
			rows = append(rows, row{name: h.name + ", " + b.name, in: in, handle: h.handle})
		}
	}
	rows = append(rows,
		row{name: "MaxBytesReader", in: post("", small), handle: maxBytes,
			but: []string{"close true", "close false", "end\n", probed}}, // it tells the ResponseWriter of net/http alone
		row{name: "MaxBytesReader, large", in: post("", large), handle: maxBytes},
		row{name: "expectation, read late", in: post("Expect: 100-continue\r\n", small), handle: readLate,
			but: []string{"1000 <nil>", "0 http: invalid Read on closed Body"}}, // the client was not told to send it
		row{name: "expectation, 100 by hand", in: post("Expect: 100-continue\r\n", small), but: uncontinued,
			handle: func(w http.ResponseWriter, r *http.Request, note notes) {
				w.WriteHeader(100)
				b, err := io.ReadAll(r.Body)
				note("%d %v", len(b), err)
			}},
		row{name: "other expectation", in: post("Expect: x\r\n", small), handle: ignore, but: []string{"length 0", "length 20",
			"  Content-Length: 0\n", "  Content-Length: 20\n  Content-Type: text/plain; charset=utf-8\n  body 20 \"unknown expectation\\n\"\n"}},
		row{name: "expectation, 1.0", in: "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", handle: dump},
	)
	table(t, rows)
}

// TestLargeChunks ignores a body that is larger than what is worth reading. How large it is may be found out when the
// response has been sent, which then does not say that the connection will close.
func TestLargeChunks(t *testing.T) {
	_, ours := twins(t)
	got := ours.play(t, row{in: chunks("", "", strings.Repeat("l", 300<<10)), handle: answer(func(w http.ResponseWriter) { io.WriteString(w, "done") })})
	if !strings.Contains(got, "done") || strings.Contains(got, "probe") {
		t.Errorf("got %s", got)
	}
}

// reader hides everything but Read.
type reader struct{ io.Reader }

// TestFiles compares ReadFrom, and what is built on it.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for name, n := range map[string]int{"tiny.txt": 100, "small.txt": 3000, "large.txt": 1 << 20, "empty.txt": 0} {
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte("0123456789"), n/10), 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Unix(1e9, 0)
		if err := os.Chtimes(filepath.Join(dir, name), when, when); err != nil {
			t.Fatal(err)
		}
	}
	serve := func(w http.ResponseWriter, r *http.Request, _ notes) {
		http.FileServer(http.Dir(dir)).ServeHTTP(w, r)
	}
	var rows []row
	for _, name := range []string{"tiny.txt", "small.txt", "large.txt", "empty.txt", "none", "..%2fx", ""} {
		for _, fields := range []string{"", "Range: bytes=10-20\r\n", "Range: bytes=0-,5-9\r\n", "Range: bytes=-20000\r\n",
			"Range: bytes=2000000-\r\n", "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT\r\n"} {
			if strings.Contains(fields, ",5") {
				continue // the boundary is random
			}
			for _, method := range []string{"GET", "HEAD"} {
				rows = append(rows, row{name: method + " " + name + " " + fields, in: request(method, "/"+name, fields, ""), handle: serve})
			}
		}
	}
	// send copies from a source, in the middle of other writes.
	send := func(before int, length string, src func(f *os.File) io.Reader) func(http.ResponseWriter, *http.Request, notes) {
		return func(w http.ResponseWriter, _ *http.Request, note notes) {
			f, err := os.Open(filepath.Join(dir, "large.txt"))
			if err != nil {
				note("%v", err)
				return
			}
			defer f.Close()
			f.Seek(3, io.SeekStart)
			if length != "" {
				w.Header().Set("Content-Length", length)
			}
			write(w, before, 1000)
			n, err := io.Copy(w, src(f))
			at, _ := f.Seek(0, io.SeekCurrent)
			note("%d %v, at %d", n, err, at)
			if length == "" {
				io.WriteString(w, "behind")
			}
		}
	}
	file := func(f *os.File) io.Reader { return f }
	rows = append(rows,
		row{name: "file", in: get(), handle: send(0, "", file)},
		row{name: "file behind bytes", in: get(), handle: send(100, "", file)},
		row{name: "file behind many bytes", in: get(), handle: send(10000, "", file)},
		row{name: "file with length", in: get(), handle: send(0, "1048567", file)},
		row{name: "file with length behind bytes", in: get(), handle: send(100, "1048667", file)},
		row{name: "part of a file", in: get(), handle: send(0, "", func(f *os.File) io.Reader { return io.LimitReader(f, 100000) })},
		row{name: "small part of a file", in: get(), handle: send(0, "", func(f *os.File) io.Reader { return io.LimitReader(f, 1000) })},
		row{name: "nothing of a file", in: get(), handle: send(0, "", func(f *os.File) io.Reader { return io.LimitReader(f, 0) })},
		row{name: "more than the file", in: get(), handle: send(0, "", func(f *os.File) io.Reader { return io.LimitReader(f, 1<<40) })},
		row{name: "reader", in: get(), handle: send(0, "", func(*os.File) io.Reader { return reader{strings.NewReader(strings.Repeat("r", 100000))} })},
		row{name: "small reader", in: get(), handle: send(0, "", func(*os.File) io.Reader { return reader{strings.NewReader("small")} })},
		row{name: "middle reader", in: get(), handle: send(0, "", func(*os.File) io.Reader { return reader{strings.NewReader(strings.Repeat("r", 1000))} })},
		row{name: "reader that fails", in: get(), handle: send(0, "", func(*os.File) io.Reader {
			return io.MultiReader(reader{strings.NewReader(strings.Repeat("r", 100000))}, failing{})
		})},
		row{name: "HEAD, file", in: request("HEAD", "/", "", ""), handle: send(0, "", file)},
		row{name: "HEAD, reader", in: request("HEAD", "/", "", ""), handle: send(0, "", func(*os.File) io.Reader { return reader{strings.NewReader(strings.Repeat("r", 100000))} })},
		row{name: "1.0, file", in: "GET / HTTP/1.0\r\n\r\n", handle: send(0, "", file)},
		row{name: "204, file", in: get(), handle: func(w http.ResponseWriter, r *http.Request, note notes) {
			w.WriteHeader(204)
			send(0, "", file)(w, r, note)
		}},
	)
	table(t, rows)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrNoProgress }

// TestMux compares what http.ServeMux and its like do.
func TestMux(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.PathValue("id")+r.Pattern) })
	mux.HandleFunc("example.org/host", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "host") })
	mux.Handle("/strip/", http.StripPrefix("/strip", http.NotFoundHandler()))
	mux.HandleFunc("/sub/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path) })
	mux.HandleFunc("/probe", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "probe") })
	var rows []row
	for _, in := range []string{"GET /items/7", "HEAD /items/7", "POST /items/7", "GET /host", "GET /strip/x", "GET /sub", "GET /sub/../items/3",
		"GET //sub//a", "GET /none", "GET /sub/%2e%2e/x", "GET http://other.org/host", "OPTIONS *", "GET /items/%2F"} {
		method, target, _ := strings.Cut(in, " ")
		rows = append(rows, row{name: in, in: request(method, target, "", ""),
			handle: func(w http.ResponseWriter, r *http.Request, _ notes) { mux.ServeHTTP(w, r) }})
	}
	table(t, rows)
}
