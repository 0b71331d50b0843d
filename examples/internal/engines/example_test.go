package engines_test

import (
	"flag"
	"fmt"

	"github.com/ropewalk/ropewalk/examples/internal/engines"
	"github.com/ropewalk/ropewalk/transport"
)

func ExampleFlag() {
	choice := engines.Flag()
	flag.Set("engine", "std") // as flag.Parse does for -engine std
	server := transport.Server{Addr: "127.0.0.1:0", Engine: choice.Engine}
	fmt.Println(server.Engine)
	// Output: std
}
