package buffer

import "strconv"

// PutDecimal appends v as text in base 10: up to 20 bytes.
func (b *Buf) PutDecimal(v int64) {
	var tmp [20]byte
	b.Write(strconv.AppendInt(tmp[:0], v, 10))
}

// PutUdecimal appends v as text in base 10: up to 20 bytes.
func (b *Buf) PutUdecimal(v uint64) {
	var tmp [20]byte
	b.Write(strconv.AppendUint(tmp[:0], v, 10))
}

// PutHex appends v as text in base 16, in lower case and without leading zeros: up to 16 bytes.
func (b *Buf) PutHex(v uint64) {
	var tmp [16]byte
	b.Write(strconv.AppendUint(tmp[:0], v, 16))
}
