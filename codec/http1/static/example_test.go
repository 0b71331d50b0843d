package static_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/http1/static"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A directory is served; somebody asks for a part of a file in it. In a program, the function that pipeline.New returns is
// transport.Server.Accept.
func Example() {
	channeltest.Example(func(t testing.TB) {
		dir, err := os.MkdirTemp("", "static")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		name := filepath.Join(dir, "poem.txt")
		if err := os.WriteFile(name, []byte("Roses are red, violets are blue."), 0o600); err != nil {
			t.Fatal(err)
		}
		day := time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC)
		if err := os.Chtimes(name, day, day); err != nil {
			t.Fatal(err)
		}

		files, err := static.Open(dir, static.Options{CacheControl: "max-age=3600"})
		if err != nil {
			t.Fatal(err)
		}
		defer files.Close()
		server := &http1.Server{}
		accept := pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{server.Stage(), http1.Serve(files.Serve)}
		})

		peer := pipelinetest.Config{}.Accept(t, accept)
		peer.Feed("GET /poem.txt HTTP/1.1\r\nHost: example.org\r\nRange: bytes=0-12\r\n\r\n")
		for line := range strings.Lines(peer.Output()) {
			if !strings.HasPrefix(line, "Date: ") && !strings.HasPrefix(line, "ETag: ") {
				fmt.Println(strings.TrimSpace(line))
			}
		}
	})
	// Output:
	// HTTP/1.1 206 Partial Content
	// Content-Type: text/plain; charset=utf-8
	// Content-Range: bytes 0-12/32
	// Accept-Ranges: bytes
	// Last-Modified: Thu, 29 Feb 2024 12:00:00 GMT
	// Cache-Control: max-age=3600
	// Content-Length: 13
	//
	// Roses are red
}
