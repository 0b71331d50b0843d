//go:build linux

package socket

import (
	"errors"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

var _ channel.Informer = (*Conn)(nil)

// TellTCPInfo implements channel.Informer.
func (c *Conn) TellTCPInfo(info *channel.TCPInfo) error {
	if c.Flags&isTCP == 0 {
		return errors.ErrUnsupported
	}
	c.loop().Calls.Control++
	var raw unix.TCPInfo // an older kernel fills in less of it
	size := uint32(unsafe.Sizeof(raw))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(c.FD), unix.IPPROTO_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(&raw)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return os.NewSyscallError("getsockopt TCP_INFO", errno)
	}
	us := func(n uint64) time.Duration { return time.Duration(n) * time.Microsecond }
	ms := func(n uint32) time.Duration { return time.Duration(n) * time.Millisecond }
	*info = channel.TCPInfo{
		State:           channel.TCPState(raw.State),
		RTT:             us(uint64(raw.Rtt)),
		RTTVariance:     us(uint64(raw.Rttvar)),
		MinRTT:          us(uint64(raw.Min_rtt)),
		RTO:             us(uint64(raw.Rto)),
		MSS:             int(raw.Snd_mss),
		Window:          int(raw.Snd_cwnd),
		Threshold:       int(raw.Snd_ssthresh),
		Unacked:         int(raw.Unacked),
		Lost:            int(raw.Lost),
		Retransmits:     uint64(raw.Total_retrans),
		Reordering:      int(raw.Reordering),
		NotSent:         int(raw.Notsent_bytes),
		PeerWindow:      int(raw.Snd_wnd),
		DeliveryRate:    raw.Delivery_rate,
		PacingRate:      raw.Pacing_rate,
		BytesSent:       raw.Bytes_sent,
		BytesAcked:      raw.Bytes_acked,
		BytesReceived:   raw.Bytes_received,
		BytesRetransmit: raw.Bytes_retrans,
		SinceSent:       ms(raw.Last_data_sent),
		SinceReceived:   ms(raw.Last_data_recv),
		Busy:            us(raw.Busy_time),
		PeerLimited:     us(raw.Rwnd_limited),
		BufferLimited:   us(raw.Sndbuf_limited),
	}
	if raw.Min_rtt == 1<<32-1 { // none was measured
		info.MinRTT = 0
	}
	return nil
}
