// Package netty compiles the peer written for Netty 4.1, NettyServer.java, which is a server with the flags of the others:
//
//	NettyServer -addr 127.0.0.1:0 -mode raw|frame|frameslice|fan [-max BYTES] [-loops N]
//
// It needs a JVM and the jars of libnetty-java.
package netty

import (
	"context"
	_ "embed"

	"github.com/ropewalk/ropewalk/bench/internal/jvm"
)

//go:embed NettyServer.java
var source []byte

// Build compiles the server into a folder, and returns the command line that starts it, without its own flags. The error says what
// is missing here.
func Build(ctx context.Context, dir string) ([]string, error) {
	libraries := []string{"netty-common", "netty-buffer", "netty-resolver", "netty-transport", "netty-codec"}
	p, err := jvm.Compile(ctx, dir, jvm.Jars, libraries, "NettyServer", source)
	if err != nil {
		return nil, err
	}
	return p.Argv(), nil
}
