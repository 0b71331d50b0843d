package metrics_test

import (
	"encoding/json"
	"errors"
	"expvar"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/buffer/metrics"
)

var (
	_ metrics.Source = new(buffer.Pool)
	_ metrics.Source = new(buffer.Heap)
)

// fixed is a source whose books never change.
type fixed buffer.Stats

func (f fixed) Stats() buffer.Stats { return buffer.Stats(f) }

// publish publishes a source for the time of a test.
func publish(t *testing.T, name string, pool metrics.Source) {
	t.Helper()
	if err := metrics.Publish(name, pool); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !metrics.Unpublish(name) {
			t.Errorf("%q was not published", name)
		}
	})
}

func get(method, target string) *http.Response {
	w := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPublish(t *testing.T) {
	pool := buffertest.Pool(t)
	publish(t, "one", pool)
	if err := metrics.Publish("one", fixed{}); !errors.Is(err, metrics.ErrPublished) || !strings.Contains(err.Error(), `"one"`) {
		t.Errorf("the second of a name: %v", err)
	}
	if err := metrics.Publish("", pool); err == nil || errors.Is(err, metrics.ErrPublished) {
		t.Errorf("no name: %v", err)
	}
	if metrics.Unpublish("two") {
		t.Error("what was not published could be removed")
	}
	if v := variable(t); len(v) != 1 || v["one"].Limit != pool.Stats().Limit {
		t.Errorf("the first of a name is not there any more: %v", v)
	}
	metrics.Unpublish("one")
	if v := variable(t); len(v) != 0 {
		t.Errorf("%v is left", v)
	}
	if err := metrics.Publish("one", pool); err != nil { // the name is free again
		t.Error(err)
	}
}

// variable reads what expvar says.
func variable(t *testing.T) map[string]buffer.Stats {
	t.Helper()
	var value map[string]buffer.Stats
	if err := json.Unmarshal([]byte(expvar.Get(metrics.Variable).String()), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// TestVariable looks at the JSON as a reader sees it at /debug/vars.
func TestVariable(t *testing.T) {
	want := buffer.Stats{
		Limit: math.MaxInt64, Held: 2, Peak: 3, Live: 4, Cached: 5, Idle: 6, Handles: 7, HandlesMade: 8, Refills: 9, Copied: 10,
		Pressed: true, Pressures: 11, Refused: 12, Trims: 13, Trimmed: 14, Leaks: 15, Watched: 16, Large: 17, LargeBytes: 18,
		Classes: []buffer.ClassStats{{Size: 64, Chunks: 1, Blocks: 6, Live: 1, Cached: 2, Free: 3}, {Size: 80}},
	}
	publish(t, "full", fixed(want))
	publish(t, "empty", fixed{})

	w := httptest.NewRecorder()
	http.DefaultServeMux.ServeHTTP(w, httptest.NewRequest("GET", "/debug/vars", nil))
	var vars map[string]json.RawMessage
	if err := json.Unmarshal(w.Body.Bytes(), &vars); err != nil {
		t.Fatal(err)
	}
	var pools map[string]buffer.Stats
	if err := json.Unmarshal(vars[metrics.Variable], &pools); err != nil {
		t.Fatal(err)
	}
	if got := pools["full"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if names := slices.Sorted(maps.Keys(pools)); !slices.Equal(names, []string{"empty", "full"}) {
		t.Errorf("names are %q", names)
	}
	if pools["empty"].Classes == nil {
		t.Error("Classes of a pool without any are null, want an empty array")
	}
}

func TestHandler(t *testing.T) {
	first, second := fixed{Limit: 1 << 30, Held: 1 << 20}, fixed{Limit: math.MaxInt64}
	text := func(name string, f fixed) string { return fmt.Sprintf("pool %s\n\n%s", name, f.Stats()) }
	const none = "no pool is published\n"
	if got := body(t, get("GET", "/debug/buffers")); got != none {
		t.Errorf("without a pool: %q", got)
	}
	publish(t, "b&w", second)
	publish(t, "a", first)
	for _, test := range []struct {
		method, target string
		status         int
		want           string
	}{
		{"GET", "/debug/buffers", 200, text("a", first) + "\n" + text("b&w", second)},
		{"GET", "/elsewhere", 200, text("a", first) + "\n" + text("b&w", second)},
		{"GET", "/debug/buffers?pool=a", 200, text("a", first)},
		{"GET", "/debug/buffers?pool=b%26w", 200, text("b&w", second)},
		{"GET", "/debug/buffers?pool=c", 404, "no pool of that name is published\n"},
		{"GET", "/debug/buffers?pool=", 404, "no pool of that name is published\n"},
		{"POST", "/debug/buffers", 405, "only GET and HEAD are allowed\n"},
	} {
		r := get(test.method, test.target)
		if got := body(t, r); r.StatusCode != test.status || got != test.want {
			t.Errorf("%s %s: %d\n%s\nwant %d\n%s", test.method, test.target, r.StatusCode, got, test.status, test.want)
		}
		if kind := r.Header.Get("Content-Type"); kind != "text/plain; charset=utf-8" {
			t.Errorf("%s %s: content is %q", test.method, test.target, kind)
		}
	}
	if allow := get("POST", "/").Header.Get("Allow"); allow != "GET, HEAD" {
		t.Errorf("Allow is %q", allow)
	}
}

// TestHead asks a server, which leaves the body out.
func TestHead(t *testing.T) {
	publish(t, "a", fixed{})
	server := httptest.NewServer(metrics.Handler())
	defer server.Close()
	r, err := http.Head(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != 200 || r.ContentLength <= 0 {
		t.Errorf("status %d, length %d", r.StatusCode, r.ContentLength)
	}
}

// TestConcurrent publishes and asks from several goroutines while a pool is in use: for the race detector.
func TestConcurrent(t *testing.T) {
	pool := buffertest.Pool(t)
	var wg sync.WaitGroup
	for i := range 4 {
		name := fmt.Sprint("pool ", i)
		wg.Go(func() {
			for range 50 {
				if err := metrics.Publish(name, pool); err != nil {
					t.Error(err)
				}
				b := pool.Alloc(1000)
				if r := get("GET", "/"); r.StatusCode != 200 {
					t.Error(r.Status)
				}
				_ = expvar.Get(metrics.Variable).String()
				b.Release()
				metrics.Unpublish(name)
			}
		})
	}
	wg.Wait()
}
