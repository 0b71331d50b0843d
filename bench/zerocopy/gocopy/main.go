// Command gocopy is a TCP proxy as most people write one in Go: io.Copy between two *net.TCPConn, a goroutine for each direction,
// which the runtime does by splice(2) on Linux.
//
//	gocopy -to PORT [-addr 127.0.0.1:0]
package main

import (
	"flag"
	"io"
	"log"
	"net"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	to := flag.String("to", "", "port of the backend")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on %s", l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go relay(c.(*net.TCPConn), "127.0.0.1:"+*to)
	}
}

func relay(client *net.TCPConn, to string) {
	defer client.Close()
	back, err := net.Dial("tcp", to)
	if err != nil {
		log.Print(err)
		return
	}
	defer back.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		pass(back.(*net.TCPConn), client)
	}()
	pass(client, back.(*net.TCPConn))
	<-done
}

// pass copies until the end of the stream, and passes that on. If it fails both connections end, or the other direction
// would wait for ever.
func pass(to, from *net.TCPConn) {
	if _, err := io.Copy(to, from); err != nil {
		to.Close()
		from.Close()
		return
	}
	to.CloseWrite()
}
