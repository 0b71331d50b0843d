package datagram_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/ropewalk/ropewalk/channel/channeltest"
	sockets "github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/channel/datagram/datagramtest"
	"github.com/ropewalk/ropewalk/pipeline/datagram"
)

// Packets of a number each are answered with its double; others are dropped.
func Example() {
	open := datagram.New(func() datagram.Wire {
		return datagram.Join(
			datagram.Codec(numbers{}, numbers{}),
			datagram.Serve(func(c *datagram.Ctx[uint32], n uint32, from datagram.Address) error {
				return c.Write(2*n, from)
			}))
	})
	channeltest.Example(func(t testing.TB) {
		loop := channeltest.NewLoop(t)
		conn := datagramtest.DialWith(loop, t, netip.AddrPort{}, open, sockets.Options{})

		conn.Feed(netip.MustParseAddrPort("198.51.100.1:7"), "\x00\x00\x00\x15", "\x15")
		fmt.Println(conn.Wire.Sent())
		fmt.Println("rejected:", conn.Stats().Rejected)
	})
	// Output:
	// ["\x00\x00\x00*" to 198.51.100.1:7]
	// rejected: 1
}
