package metrics_test

import (
	"encoding/json"
	"expvar"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/metrics"
)

// A program names its pools once, and serves what they hold beside the profiles of net/http/pprof.
func Example() {
	pool := &buffer.Pool{Limit: 256 << 20}
	if err := metrics.Publish("uploads", pool); err != nil {
		log.Fatal(err)
	}
	defer metrics.Unpublish("uploads")
	mux := http.NewServeMux()
	mux.Handle("/debug/buffers", metrics.Handler())
	server := httptest.NewServer(mux)
	defer server.Close()

	b := pool.Alloc(50_000)
	defer b.Release()
	reply, err := http.Get(server.URL + "/debug/buffers")
	if err != nil {
		log.Fatal(err)
	}
	defer reply.Body.Close()
	text, _ := io.ReadAll(reply.Body)
	lines := strings.Split(string(text), "\n")
	fmt.Println(strings.Join(lines[:3], "\n"))
	// Output:
	// pool uploads
	//
	// limit       256.0 MiB
}

// In expvar, all published pools are in one variable.
func ExamplePublish() {
	pool := new(buffer.Pool)
	if err := metrics.Publish("default", pool); err != nil {
		log.Fatal(err)
	}
	defer metrics.Unpublish("default")
	b := pool.Alloc(100)
	defer b.Release()

	var pools map[string]struct{ Handles, Live int }
	json.Unmarshal([]byte(expvar.Get(metrics.Variable).String()), &pools)
	fmt.Printf("%+v\n", pools)
	fmt.Println(metrics.Publish("default", pool))
	// Output:
	// map[default:{Handles:1 Live:128}]
	// buffer/metrics: the name is published already: "default"
}
