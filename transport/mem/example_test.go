package mem_test

import (
	"bufio"
	"context"
	"fmt"

	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/mem"
)

// The server is as in production but for its Engine. In a test this is inside of synctest.Test, and time is that of the bubble.
func Example() {
	network := new(mem.Network)
	server := transport.Server{Engine: mem.Engine{Network: network}, Addr: ":7000", Logger: quiet, Accept: pipeline.New(
		func() []pipeline.Stage {
			return []pipeline.Stage{codec.Frames(codec.Line{Max: 100}.Framer()), codec.Text(), pipeline.Serve(
				func(c *pipeline.Ctx[string], name string) error { return c.Write("hello " + name) })}
		})}
	ctx := context.Background()
	running, err := server.Start(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer running.Shutdown(ctx)

	conn, err := network.Dial("tcp", "localhost:7000")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	fmt.Fprintf(conn, "Ada\nGrace\n")
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		fmt.Println(lines.Text())
		if lines.Text() == "hello Grace" {
			break
		}
	}
	// Output:
	// hello Ada
	// hello Grace
}
