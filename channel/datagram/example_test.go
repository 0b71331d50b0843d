package datagram_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/channel/datagram/datagramtest"
)

// knock is a Sink without a pipeline: it answers what it gets, and takes no notice of packets that get lost.
type knock struct {
	socket *datagram.Socket
}

func (k *knock) Open(s *datagram.Socket) error {
	k.socket = s
	return nil
}

func (k *knock) Receive(p datagram.Packet) error {
	answer := k.socket.Alloc(32)
	answer.PutString("heard ")
	answer.Append(p.Data) // it is ours, and is consumed
	p.Data = answer
	k.socket.Send(p) // to the sender, from where it was received
	return nil       // an error would close the socket, for all
}

func (k *knock) ReceiveDone() error                 { return nil }
func (k *knock) Failed(netip.AddrPort, error) error { return nil }
func (k *knock) Writable() error                    { return nil }
func (k *knock) Closed(cause error)                 { fmt.Println("closed:", cause) }

func Example() {
	channeltest.Example(func(t testing.TB) {
		loop := channeltest.NewLoop(t)
		conn := datagramtest.Open(loop, t, new(knock), datagram.Options{})

		conn.Feed(netip.MustParseAddrPort("198.51.100.1:7"), "one", "two")
		for _, sent := range conn.Wire.Sent() {
			fmt.Println(sent)
		}
		conn.Close(nil)
		loop.Settle()
	})
	// Output:
	// "heard one" to 198.51.100.1:7
	// "heard two" to 198.51.100.1:7
	// closed: <nil>
}
