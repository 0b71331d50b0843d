package page_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/examples/internal/page"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

func Example() {
	hello := page.New([]byte("<!doctype html><title>hello</title><style>p { color: teal }</style><p>Hello</p><script>document.title += '!'</script>"))
	web := http1.Server{}
	server := transport.Server{Addr: "127.0.0.1:0", Loops: 1, Accept: pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{web.Stage(), http1.Serve(hello.Serve)}
	})}
	running, err := server.Start(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := http.Get("http://" + running.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	fmt.Println(resp.Status, resp.Header.Get("Content-Type"))
	running.Shutdown(context.Background())
	// Output: 200 OK text/html; charset=utf-8
}
