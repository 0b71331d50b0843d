package datagramtest_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/channel/datagram/datagramtest"
)

// A system that has no room for the second packet, and then has.
func Example() {
	channeltest.Example(func(t testing.TB) {
		loop := channeltest.NewLoop(t)
		conn := datagramtest.Open(loop, t, datagramtest.Echo(), datagram.Options{}, datagramtest.Take(1), datagramtest.Again())

		conn.Feed(netip.MustParseAddrPort("198.51.100.1:7"), "one", "two")
		fmt.Println(conn.Wire.Sent())
		conn.Unstall()
		fmt.Println(conn.Wire.Sent())
	})
	// Output:
	// ["one" to 198.51.100.1:7]
	// ["one" to 198.51.100.1:7 "two" to 198.51.100.1:7]
}
