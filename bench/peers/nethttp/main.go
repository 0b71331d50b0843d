// Command nethttp is the standard library's server: it answers every request by "Hello, World!", or serves files.
//
//	nethttp -addr 127.0.0.1:0 -mode hello|files [-root DIR]
package main

import (
	"flag"
	"io"
	"log"
	"net"
	"net/http"

	"github.com/ropewalk/ropewalk/bench/internal/peer"
)

func main() {
	root := flag.String("root", ".", "folder to serve")
	o := peer.Parse("hello", "files")
	var handler http.Handler = http.HandlerFunc(hello)
	if o.Mode == "files" {
		handler = http.FileServer(http.Dir(*root))
	}
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		log.Fatal(err)
	}
	peer.Announce(l.Addr())
	log.Fatal(http.Serve(l, handler))
}

// hello says its content type, which spares net/http a look at the body.
func hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "Hello, World!")
}
