package datagram_test

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	sockets "github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/channel/datagram/datagramtest"
	"github.com/ropewalk/ropewalk/pipeline/datagram"
)

var (
	ann = netip.MustParseAddrPort("198.51.100.1:1")
	bob = netip.MustParseAddrPort("198.51.100.2:2")
)

// number is a message of four bytes, and text one of a length and as many bytes.
type (
	numbers struct{}
	texts   struct{}
)

func (numbers) Decode(r *buffer.Reader) (uint32, error) { n := r.Uint32(); return n, r.Err() }

func (numbers) Encode(dst *buffer.Buf, n uint32) error {
	if n == 13 {
		return fmt.Errorf("%d is unlucky", n)
	}
	dst.PutUint32(n)
	return nil
}

func (texts) Decode(r *buffer.Reader) (*buffer.Buf, error) {
	n := r.Uint8()
	b := r.Take(int(n))
	return b, r.Err()
}

func (texts) Encode(dst *buffer.Buf, m *buffer.Buf) error {
	dst.PutUint8(uint8(m.Len()))
	dst.Append(m)
	return nil
}

// start opens a socket with a pipeline. What is logged goes to the returned builder.
func start(t *testing.T, stages func() datagram.Wire) (*channeltest.Loop, *datagramtest.Conn, *strings.Builder) {
	t.Helper()
	log := new(strings.Builder)
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) {
		c.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	return l, datagramtest.DialWith(l, t, netip.AddrPort{}, datagram.New(stages), sockets.Options{}), log
}

// wantSent compares what has left with packets written as `"data" to peer`.
func wantSent(t *testing.T, c *datagramtest.Conn, want ...string) {
	t.Helper()
	if got := c.Wire.Sent(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("sent %v, want %v", got, want)
	}
}

func to(data string, peer netip.AddrPort) string { return fmt.Sprintf("%q to %v", data, peer) }
