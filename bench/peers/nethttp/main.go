// Command nethttp is the standard library's server: it answers every request by "Hello, World!", or serves files.
//
//	nethttp -addr 127.0.0.1:0 -mode hello|files [-root DIR]
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "listen address")
	mode := flag.String("mode", "hello", "hello or files")
	root := flag.String("root", ".", "folder to serve")
	flag.Parse()
	var handler http.Handler = http.HandlerFunc(hello)
	if *mode == "files" {
		handler = http.FileServer(http.Dir(*root))
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "listening on %s\n", l.Addr())
	log.Fatal(http.Serve(l, handler))
}

// hello says its content type, which spares net/http a look at the body.
func hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "Hello, World!")
}
