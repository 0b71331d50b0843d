// Package peer is what the servers in bench/peers have in common: their flags, the line by which the benchmark finds them, how
// many frames there are at the front of what was read, and a count of allocations on request.
//
//	            ┌─► Options, Announce ──► "listening on 127.0.0.1:4711", on stderr
//	main ── Parse
//	            └─► on SIGUSR1 ──► "mallocs=1204 gc=3", on stdout
//
// What is idiomatic for a framework stays in its server; nothing here runs for a message but Frame.
package peer

import (
	"encoding/binary"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Options are the flags of a server.
type Options struct {
	Addr  string // -addr, where to listen; port 0 is any port
	Mode  string // -mode, one of those it knows
	Max   int    // -max, longest payload of a frame, in bytes
	Loops int    // -loops, event loops; servers with a goroutine for each connection have none
}

// Parse reads the command line of a server that knows these modes, the first of which is the default, and begins to answer
// SIGUSR1. A command line that is wrong ends the program. Flags of the server's own are defined before.
func Parse(modes ...string) Options {
	var o Options
	flag.StringVar(&o.Addr, "addr", "127.0.0.1:0", "listen address")
	flag.StringVar(&o.Mode, "mode", modes[0], strings.Join(modes, ", "))
	flag.IntVar(&o.Max, "max", 1<<20, "longest payload of a frame, in bytes")
	flag.IntVar(&o.Loops, "loops", 1, "event loops, where there are any")
	flag.Parse()
	switch {
	case !slices.Contains(modes, o.Mode):
		fatal("-mode: there is no %q, but %s", o.Mode, strings.Join(modes, ", "))
	case o.Max < 1 || o.Loops < 1:
		fatal("-max and -loops must be positive")
	case flag.NArg() > 0:
		fatal("what is %q?", flag.Arg(0))
	}
	go count()
	return o
}

func fatal(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(2)
}

// Announce tells the benchmark where the server listens.
func Announce(addr net.Addr) { fmt.Fprintf(os.Stderr, "listening on %s\n", addr) }

// count answers each SIGUSR1 with how many objects the program has allocated and how often it has collected. It stops the
// world for some microseconds, and allocates nothing itself, so the difference of two lines is the server's.
func count() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	var m runtime.MemStats
	line := make([]byte, 0, 64)
	for range asked {
		runtime.ReadMemStats(&m)
		os.Stdout.Write(report(line, m.Mallocs, m.NumGC))
	}
}

func report(to []byte, mallocs uint64, collections uint32) []byte {
	to = append(to[:0], "mallocs="...)
	to = strconv.AppendUint(to, mallocs, 10)
	to = append(to, " gc="...)
	to = strconv.AppendUint(to, uint64(collections), 10)
	return append(to, '\n')
}

// Frame returns how many bytes the frame at the front of b has with its header, four bytes of length with the most
// significant one first; 0 if it is not all there. ok is false if its payload is longer than limit.
func Frame(b []byte, limit int) (size int, ok bool) {
	if len(b) < 4 {
		return 0, true
	}
	n := int(binary.BigEndian.Uint32(b))
	if n > limit {
		return 0, false
	}
	if len(b) < 4+n {
		return 0, true
	}
	return 4 + n, true
}
