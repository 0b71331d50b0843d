//go:build linux

package socket

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cmsg returns a control message as the kernel writes it.
func cmsg(level, kind int, value []byte) []byte {
	p := make([]byte, unix.CmsgSpace(len(value)))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&p[0]))
	h.Level, h.Type = int32(level), int32(kind)
	h.SetLen(unix.CmsgLen(len(value)))
	copy(p[unix.CmsgLen(0):], value)
	return p
}

func native(v uint32) []byte { return binary.NativeEndian.AppendUint32(nil, v) }

// aligned copies p to where the kernel would have written it.
func aligned(p []byte) []byte {
	room := make([]uint64, len(p)/8+1)
	all := unsafe.Slice((*byte)(unsafe.Pointer(&room[0])), len(room)*8)
	return all[:copy(all, p)]
}

func TestParseControl(t *testing.T) {
	gro := cmsg(unix.SOL_UDP, udpGRO, native(1200))
	four := cmsg(unix.IPPROTO_IP, unix.IP_PKTINFO, append(native(3), 0, 0, 0, 0, 192, 0, 2, 7))
	six := cmsg(unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, append(netip.MustParseAddr("2001:db8::1").AsSlice(), native(4)...))
	mapped := cmsg(unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, append(netip.MustParseAddr("::ffff:192.0.2.7").AsSlice(), native(4)...))
	tos := cmsg(unix.IPPROTO_IP, unix.IP_TOS, []byte{5})
	class := cmsg(unix.IPPROTO_IPV6, unix.IPV6_TCLASS, native(6))
	other := cmsg(unix.SOL_SOCKET, unix.SO_TIMESTAMP, make([]byte, 16))
	for _, c := range []struct {
		in   [][]byte
		want received
	}{
		{nil, received{}},
		{[][]byte{gro}, received{size: 1200}},
		{[][]byte{other, gro, four, tos}, received{size: 1200, iface: 3, local: netip.MustParseAddr("192.0.2.7"), tos: 5}},
		{[][]byte{six, class}, received{iface: 4, local: netip.MustParseAddr("2001:db8::1"), tos: 6}},
		{[][]byte{mapped}, received{iface: 4, local: netip.MustParseAddr("192.0.2.7")}},
		{[][]byte{gro[:unix.CmsgLen(0)+2]}, received{}},         // cut off
		{[][]byte{gro[:unix.CmsgLen(4)]}, received{size: 1200}}, // without the padding
		{[][]byte{cmsg(unix.IPPROTO_IP, unix.IP_PKTINFO, native(3)), tos}, received{tos: 5}},
		{[][]byte{make([]byte, 64)}, received{}}, // a length of zero would not end
	} {
		if got := parseControl(aligned(bytes.Join(c.in, nil))); got != c.want {
			t.Errorf("%x: %+v, want %+v", c.in, got, c.want)
		}
	}
}

// What is written for a packet is read back, and has room.
func TestControls(t *testing.T) {
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		p := aligned(bytes.Repeat([]byte{0xff}, controlRoom))
		c := controls{p: p}
		c.addSegment(1200)
		c.addTOS(9, family == unix.AF_INET)
		local := netip.MustParseAddr("192.0.2.7")
		c.addSource(local, 3, family)
		if c.n > controlRoom {
			t.Fatalf("%d bytes", c.n)
		}
		all, err := unix.ParseSocketControlMessage(p[:c.n])
		if err != nil || len(all) != 3 || binary.NativeEndian.Uint16(all[0].Data) != 1200 || len(all[0].Data) != 2 {
			t.Fatalf("%v: %+v", err, all)
		}
		r := parseControl(p[:c.n])
		if r.tos != 9 && family == unix.AF_INET6 || r.iface != 3 {
			t.Errorf("%+v", r)
		}
		if family == unix.AF_INET && [4]byte(all[2].Data[4:]) != local.As4() || family == unix.AF_INET6 && r.local != local {
			t.Errorf("source %+v, of %x", r, all[2].Data)
		}
	}
}

// FuzzDatagramControl parses any bytes, and compares with another parser what that accepts.
func FuzzDatagramControl(f *testing.F) {
	f.Add(cmsg(unix.SOL_UDP, udpGRO, native(1200)))
	f.Add(bytes.Join([][]byte{cmsg(unix.IPPROTO_IP, unix.IP_PKTINFO, make([]byte, 12)), cmsg(unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, make([]byte, 20))}, nil))
	f.Add(cmsg(unix.IPPROTO_IP, unix.IP_TOS, []byte{5})[:unix.CmsgLen(1)])
	f.Fuzz(func(t *testing.T, p []byte) {
		p = aligned(p)
		got := parseControl(p)
		if got.size < 0 || got.size > 1<<16 {
			t.Errorf("size %d", got.size)
		}
		all, err := unix.ParseSocketControlMessage(p)
		if err != nil {
			return
		}
		var want received
		for _, m := range all {
			want.take(int(m.Header.Level), int(m.Header.Type), m.Data)
		}
		if got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}
