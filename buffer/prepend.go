package buffer

import (
	"encoding/binary"
	"unsafe"
)

// PrependUint32 adds four bytes in front, most significant first: the usual way to put a length before a message.
func (b *Buf) PrependUint32(v uint32) {
	s := &b.one
	if s.lead < 4 || b.flags&watch != 0 {
		binary.BigEndian.PutUint32(b.Prepend(4), v)
		return
	}
	s.off -= 4
	s.lead -= 4
	b.size += 4
	binary.BigEndian.PutUint32((*[4]byte)(unsafe.Add(s.b.mem, s.off))[:], v)
}
