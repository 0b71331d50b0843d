package nethttp_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/http1/nethttp"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

// Any http.Handler can be served.
func ExampleServe() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello, %s!", r.PathValue("name"))
	})
	server := transport.Server{Addr: "127.0.0.1:0", Accept: nethttp.Serve(mux), Logger: slog.New(slog.DiscardHandler)}
	running, err := server.Start(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer running.Shutdown(context.Background())

	resp, err := http.Get("http://" + running.Addr().String() + "/hello/Ada")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, resp.Header.Get("Content-Type"))
	fmt.Println(string(body))
	// Output:
	// 200 OK text/plain; charset=utf-8
	// Hello, Ada!
}

// Those who want limits, or stages in between, put the pipeline together themselves.
func ExampleServer() {
	protocol := &http1.Server{Stream: true, Limits: http1.Limits{Head: 8 << 10, Body: 10 << 20}, Name: "example"}
	handlers := &nethttp.Server{Handler: http.NotFoundHandler(), Handlers: 100}
	accept := pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{protocol.Stage(), handlers.Stage()}
	})
	server := transport.Server{Addr: "127.0.0.1:0", Accept: accept, Logger: slog.New(slog.DiscardHandler)}
	running, err := server.Start(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer running.Shutdown(context.Background())

	resp, err := http.Get("http://" + running.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	fmt.Println(resp.Status, resp.Header.Get("Server"))
	// Output: 404 Not Found example
}

// A Transport is the other direction: an http.Client on the loops of a transport.Client.
func ExampleTransport() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Method, " ", r.URL)
	}))
	defer server.Close()

	var dialer transport.Client
	defer dialer.Close(context.Background())
	ours := &nethttp.Transport{Dial: dialer.Dial}
	defer ours.CloseIdleConnections()
	client := http.Client{Transport: ours}

	resp, err := client.Get(server.URL + "/a?b")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(string(body))
	// Output: GET /a?b
}
