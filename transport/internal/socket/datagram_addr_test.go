//go:build linux

package socket

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Addresses are written as the kernel reads them, and read back.
func TestSockaddr(t *testing.T) {
	lo, err := net.InterfaceByIndex(1)
	if err != nil {
		t.Fatal(err)
	}
	var z zones
	for _, c := range []struct {
		addr   string
		family int
		want   string // "" if the family cannot reach it
	}{
		{"192.0.2.1:53", unix.AF_INET, "192.0.2.1:53"},
		{"[::ffff:192.0.2.1]:53", unix.AF_INET, "192.0.2.1:53"},
		{"[2001:db8::1]:65535", unix.AF_INET, ""},
		{"192.0.2.1:53", unix.AF_INET6, "192.0.2.1:53"},
		{"[2001:db8::1]:1", unix.AF_INET6, "[2001:db8::1]:1"},
		{"[fe80::1%" + lo.Name + "]:1", unix.AF_INET6, "[fe80::1%" + lo.Name + "]:1"},
		{"[fe80::1%1]:1", unix.AF_INET6, "[fe80::1%" + lo.Name + "]:1"},
		{"[fe80::1%987654]:1", unix.AF_INET6, "[fe80::1%987654]:1"},
		{"[fe80::1%nosuchinterface]:1", unix.AF_INET6, "[fe80::1]:1"},
	} {
		var sa sockaddr
		n := z.set(&sa, netip.MustParseAddrPort(c.addr), c.family, 0)
		if c.want == "" {
			if n != 0 {
				t.Errorf("%s fits family %d", c.addr, c.family)
			}
			continue
		}
		if got := z.addrPort(&sa, 0).String(); n == 0 || got != c.want {
			t.Errorf("%s for family %d: %s, want %s", c.addr, c.family, got, c.want)
		}
	}
	if a := z.addrPort(&sockaddr{Family: unix.AF_UNIX}, 0); a.IsValid() {
		t.Errorf("an address of a foreign family: %v", a)
	}
}

// Zones are asked for once a minute, and their number is bounded.
func TestZones(t *testing.T) {
	var z zones
	sa := sockaddr{Family: unix.AF_INET6, Addr: [16]byte{0xfe, 0x80}, Scope_id: 1}
	z.addrPort(&sa, 0)
	z.names[1] = "renamed"
	if a := z.addrPort(&sa, time.Minute-1); a.Addr().Zone() != "renamed" {
		t.Errorf("the zone was asked for again: %v", a)
	}
	if a := z.addrPort(&sa, time.Minute); a.Addr().Zone() == "renamed" {
		t.Error("the zone was not asked for again after a minute")
	}
	if n := testing.AllocsPerRun(100, func() { z.addrPort(&sa, time.Minute) }); n != 0 {
		t.Errorf("%v allocations for an address with a zone", n)
	}
	for i := range uint32(10 * maxZones) {
		sa.Scope_id = i + 1_000_000
		z.addrPort(&sa, time.Minute)
	}
	if len(z.names) > maxZones+1 {
		t.Errorf("%d zones are remembered", len(z.names))
	}
}
