package poolprom_test

import (
	"bufio"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/ropewalk/ropewalk/buffer"
	poolprom "github.com/ropewalk/ropewalk/buffer/metrics/prometheus"
)

// A program registers its pools once, and Prometheus asks for their metrics from time to time.
func Example() {
	pool := &buffer.Pool{Limit: 256 << 20}
	registry := prometheus.NewRegistry()
	registry.MustRegister(poolprom.NewCollector(pool, "uploads"))
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer server.Close()

	b := pool.Alloc(50_000)
	defer b.Release()
	reply, err := http.Get(server.URL)
	if err != nil {
		log.Fatal(err)
	}
	defer reply.Body.Close()
	for lines := bufio.NewScanner(reply.Body); lines.Scan(); {
		if line := lines.Text(); strings.Contains(line, "buffer_live") || strings.Contains(line, "buffer_limit") {
			fmt.Println(line)
		}
	}
	// Output:
	// # HELP ropewalk_buffer_limit_bytes The most bytes that the pool maps.
	// # TYPE ropewalk_buffer_limit_bytes gauge
	// ropewalk_buffer_limit_bytes{pool="uploads"} 2.68435456e+08
	// # HELP ropewalk_buffer_live_bytes Bytes of blocks that buffers keep in place.
	// # TYPE ropewalk_buffer_live_bytes gauge
	// ropewalk_buffer_live_bytes{pool="uploads"} 57344
}
