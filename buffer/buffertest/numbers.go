package buffertest

import "github.com/ropewalk/ropewalk/buffer"

// numbers are all kinds of numbers with a fixed width that a Buf and a Reader know.
var numbers = []fixed{
	integer("Uint8", 1, false, (*buffer.Buf).PutUint8, (*buffer.Buf).SetUint8, (*buffer.Buf).Uint8, (*buffer.Reader).Uint8),
	integer("Uint16", 2, false, (*buffer.Buf).PutUint16, (*buffer.Buf).SetUint16, (*buffer.Buf).Uint16, (*buffer.Reader).Uint16),
	integer("Uint24", 3, false, (*buffer.Buf).PutUint24, (*buffer.Buf).SetUint24, (*buffer.Buf).Uint24, (*buffer.Reader).Uint24),
	integer("Uint32", 4, false, (*buffer.Buf).PutUint32, (*buffer.Buf).SetUint32, (*buffer.Buf).Uint32, (*buffer.Reader).Uint32),
	integer("Uint64", 8, false, (*buffer.Buf).PutUint64, (*buffer.Buf).SetUint64, (*buffer.Buf).Uint64, (*buffer.Reader).Uint64),
	integer("Int8", 1, false, (*buffer.Buf).PutInt8, (*buffer.Buf).SetInt8, (*buffer.Buf).Int8, (*buffer.Reader).Int8),
	integer("Int16", 2, false, (*buffer.Buf).PutInt16, (*buffer.Buf).SetInt16, (*buffer.Buf).Int16, (*buffer.Reader).Int16),
	integer("Int32", 4, false, (*buffer.Buf).PutInt32, (*buffer.Buf).SetInt32, (*buffer.Buf).Int32, (*buffer.Reader).Int32),
	integer("Int64", 8, false, (*buffer.Buf).PutInt64, (*buffer.Buf).SetInt64, (*buffer.Buf).Int64, (*buffer.Reader).Int64),
	float32s("Float32", false, (*buffer.Buf).PutFloat32, (*buffer.Buf).SetFloat32, (*buffer.Buf).Float32, (*buffer.Reader).Float32),
	float64s("Float64", false, (*buffer.Buf).PutFloat64, (*buffer.Buf).SetFloat64, (*buffer.Buf).Float64, (*buffer.Reader).Float64),
	integer("Uint16LE", 2, true, (*buffer.Buf).PutUint16LE, (*buffer.Buf).SetUint16LE, (*buffer.Buf).Uint16LE, (*buffer.Reader).Uint16LE),
	integer("Uint24LE", 3, true, (*buffer.Buf).PutUint24LE, (*buffer.Buf).SetUint24LE, (*buffer.Buf).Uint24LE, (*buffer.Reader).Uint24LE),
	integer("Uint32LE", 4, true, (*buffer.Buf).PutUint32LE, (*buffer.Buf).SetUint32LE, (*buffer.Buf).Uint32LE, (*buffer.Reader).Uint32LE),
	integer("Uint64LE", 8, true, (*buffer.Buf).PutUint64LE, (*buffer.Buf).SetUint64LE, (*buffer.Buf).Uint64LE, (*buffer.Reader).Uint64LE),
	integer("Int16LE", 2, true, (*buffer.Buf).PutInt16LE, (*buffer.Buf).SetInt16LE, (*buffer.Buf).Int16LE, (*buffer.Reader).Int16LE),
	integer("Int32LE", 4, true, (*buffer.Buf).PutInt32LE, (*buffer.Buf).SetInt32LE, (*buffer.Buf).Int32LE, (*buffer.Reader).Int32LE),
	integer("Int64LE", 8, true, (*buffer.Buf).PutInt64LE, (*buffer.Buf).SetInt64LE, (*buffer.Buf).Int64LE, (*buffer.Reader).Int64LE),
	float32s("Float32LE", true, (*buffer.Buf).PutFloat32LE, (*buffer.Buf).SetFloat32LE, (*buffer.Buf).Float32LE, (*buffer.Reader).Float32LE),
	float64s("Float64LE", true, (*buffer.Buf).PutFloat64LE, (*buffer.Buf).SetFloat64LE, (*buffer.Buf).Float64LE, (*buffer.Reader).Float64LE),
}
