package datagram_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/channel/datagram/datagramtest"
)

var (
	ann = netip.MustParseAddrPort("198.51.100.1:1")
	bob = netip.MustParseAddrPort("198.51.100.2:2")
	eve = netip.MustParseAddrPort("[2001:db8::3%eth0]:3")
)

// wantSent compares what has left with packets written as `"data" to peer`.
func wantSent(t *testing.T, c *datagramtest.Conn, want ...string) {
	t.Helper()
	var got []string
	for _, s := range c.Wire.Sent() {
		got = append(got, s.String())
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("sent:\n%s\nwant:\n%s", g, w)
	}
}

func to(data string, peer netip.AddrPort) string { return fmt.Sprintf("%q to %v", data, peer) }

// wantCalls compares the calls that a sink has got.
func wantCalls(t *testing.T, s *datagramtest.Sink, want ...string) {
	t.Helper()
	if g, w := strings.Join(s.Calls, ", "), strings.Join(want, ", "); g != w {
		t.Errorf("calls: %s\nwant:  %s", g, w)
	}
	s.Calls = nil
}

// wantStats compares counts but for those of what went well.
func wantStats(t *testing.T, c *datagramtest.Conn, want datagram.Stats) {
	t.Helper()
	got := c.Stats()
	got.Received, got.ReceivedBytes, got.Sent, got.SentBytes = 0, 0, 0, 0
	if got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	if c.Shown() != c.Stats() {
		t.Errorf("other goroutines see %+v", c.Shown())
	}
}
