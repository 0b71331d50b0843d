//go:build linux

package socket

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nextControl returns the first control message of p and what is behind it (cmsg(3)). It is not ok where p does not begin with
// one.
func nextControl(p []byte) (level, kind int32, data, rest []byte, ok bool) {
	if len(p) < unix.SizeofCmsghdr {
		return 0, 0, nil, nil, false
	}
	var h unix.Cmsghdr
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&h)), unix.SizeofCmsghdr), p)
	if uint64(h.Len) < unix.SizeofCmsghdr || uint64(h.Len) > uint64(len(p)) {
		return 0, 0, nil, nil, false
	}
	data = p[unix.CmsgLen(0):h.Len]
	return h.Level, h.Type, data, p[min(unix.CmsgSpace(len(data)), len(p)):], true
}

// parseRights appends the descriptors in the control messages of p to fds (unix(7)). It stops at what is not a message.
func parseRights(fds []int32, p []byte) []int32 {
	for {
		level, kind, data, rest, ok := nextControl(p)
		if !ok {
			return fds
		}
		if level == unix.SOL_SOCKET && kind == unix.SCM_RIGHTS {
			for ; len(data) >= 4; data = data[4:] {
				fds = append(fds, int32(binary.NativeEndian.Uint32(data)))
			}
		}
		p = rest
	}
}

// parseNotice finds in the control messages of p that calls of a range of numbers are done that have sent without a copy, or
// should have: the kernel may have copied all the same.
func parseNotice(p []byte) (low, high uint32, copied, ok bool) {
	for {
		level, kind, data, rest, more := nextControl(p)
		if !more {
			return 0, 0, false, false
		}
		if level == unix.SOL_IP && kind == unix.IP_RECVERR || level == unix.SOL_IPV6 && kind == unix.IPV6_RECVERR {
			var e unix.SockExtendedErr // ip(7)
			if copy(unsafe.Slice((*byte)(unsafe.Pointer(&e)), unsafe.Sizeof(e)), data) == int(unsafe.Sizeof(e)) &&
				e.Errno == 0 && e.Origin == unix.SO_EE_ORIGIN_ZEROCOPY {
				return e.Info, e.Data, e.Code&unix.SO_EE_CODE_ZEROCOPY_COPIED != 0, true
			}
		}
		p = rest
	}
}
