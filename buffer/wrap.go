package buffer

import (
	"sync/atomic"
	"unsafe"
)

// Wrap adopts p as a buffer without copying it. The bytes must not change as long as views of them exist; release, if
// not nil, is called once when the last one is gone, on the goroutine that released it. The memory may be
// anything: Go memory, a mapped file, memory of the kernel. Nothing is ever written to it by Append or Prepend.
// home makes the handle; Wrap takes no memory from it.
func Wrap(home Allocator, p []byte, release func()) *Buf {
	b := home.Alloc(0)
	b.flags |= overlap
	const most = 1 << 30 // a view counts in 32 bits
	if len(p) == 0 {
		if release != nil {
			release()
		}
		return b
	}
	if len(p) > most {
		return wrapLarge(b, p, release, most)
	}
	b.push(adopt(p, release))
	return b
}

func adopt(p []byte, release func()) seg {
	w := &wrapped{release: release}
	w.mem, w.size, w.class = unsafe.Pointer(unsafe.SliceData(p)), uint32(len(p)), classWrapped
	w.refs.Store(firstShares)
	return seg{b: &w.block, end: uint32(len(p)), share: firstShares}
}

// wrapLarge adopts more than one view can show: the parts count down to the release.
func wrapLarge(b *Buf, p []byte, release func(), most int) *Buf {
	var parts atomic.Int32
	parts.Store(int32((len(p) + most - 1) / most))
	done := func() {
		if parts.Add(-1) == 0 && release != nil {
			release()
		}
	}
	for len(p) > 0 {
		n := min(len(p), most)
		b.push(adopt(p[:n], done))
		p = p[n:]
	}
	return b
}
