// Command server sends files by the ways of ropewalk, one way for each process:
//
//	server -way file|map|zerocopy|direct -root DIR [-addr 127.0.0.1:0] [-engine NAME]
//
//	file      channel.File: sendfile(2)
//	map       buffer.Map: the page cache as a Buf, sent like any other
//	zerocopy  the same with SocketOptions.ZeroCopy: MSG_ZEROCOPY, until it is clear that the kernel copies all the same
//	direct    channel.Direct: O_DIRECT, one block is read while another is sent
//
// A client sends lines `name\n` and gets the bytes of that file, nothing before and nothing after. All files of the folder are
// opened before the first client comes, and stay open. SIGTERM ends it with a line that tells of sends without a copy. It is the
// sender of ../c/send.c on the framework, and is talked to in the same way.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/ropewalk/ropewalk/bench/internal/engines"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/engine"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	way := flag.String("way", "file", "file, map, zerocopy or direct")
	root := flag.String("root", ".", "folder whose files are sent")
	chosen := engines.Flag(flag.CommandLine)
	flag.Parse()
	log.SetFlags(0)
	if err := run(*addr, *way, *root, *chosen); err != nil {
		log.Fatal(err)
	}
}

func run(addr, way, root string, chosen engine.Engine) error {
	files, err := openAll(root, way)
	if err != nil {
		return err
	}
	lines := codec.Line{Max: 4096}.Framer()
	server := transport.Server{
		Addr:         addr,
		Engine:       chosen,
		Loops:        1,
		DrainTimeout: -1,
		Socket:       engine.SocketOptions{ZeroCopy: way == "zerocopy"},
		Accept: pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{codec.Decode(lines), pipeline.Serve(files.serve)}
		}),
	}
	running, err := server.Start(context.Background())
	if err != nil {
		return err
	}
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	<-end
	s := running.Stats()
	fmt.Printf("notices %d copied %d\n", s.ZeroCopySends, s.ZeroCopyCopied)
	return nil
}
