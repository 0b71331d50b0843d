package buffer_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// BenchmarkReader reads values one by one from a reader, which begins again after 400 of them.
func BenchmarkReader(b *testing.B) {
	var sum uint64
	for _, c := range []struct {
		name string
		fill func(o *buffer.Buf) // one value; nil: eight bytes
		read func(r *buffer.Reader)
	}{
		{"Uint8", nil, func(r *buffer.Reader) { sum += uint64(r.Uint8()) }},
		{"Uint16", nil, func(r *buffer.Reader) { sum += uint64(r.Uint16()) }},
		{"Uint16LE", nil, func(r *buffer.Reader) { sum += uint64(r.Uint16LE()) }},
		{"Uint24", nil, func(r *buffer.Reader) { sum += uint64(r.Uint24()) }},
		{"Uint24LE", nil, func(r *buffer.Reader) { sum += uint64(r.Uint24LE()) }},
		{"Uint32", nil, func(r *buffer.Reader) { sum += uint64(r.Uint32()) }},
		{"Uint32LE", nil, func(r *buffer.Reader) { sum += uint64(r.Uint32LE()) }},
		{"Uint64", nil, func(r *buffer.Reader) { sum += r.Uint64() }},
		{"Uint64LE", nil, func(r *buffer.Reader) { sum += r.Uint64LE() }},
		{"Float64", nil, func(r *buffer.Reader) { sum += uint64(r.Float64()) }},
		{"Uvarint/1", uvarint(1), func(r *buffer.Reader) { sum += r.Uvarint() }},
		{"Uvarint/3", uvarint(1 << 20), func(r *buffer.Reader) { sum += r.Uvarint() }},
		{"Uvarint/10", uvarint(math.MaxUint64), func(r *buffer.Reader) { sum += r.Uvarint() }},
		{"Varint/1", uvarint(1), func(r *buffer.Reader) { sum += uint64(r.Varint()) }},
		{"Next/16", zeros(16), func(r *buffer.Reader) { sum += uint64(r.Next(16)[0]) }},
		{"String/16", zeros(16), func(r *buffer.Reader) { sum += uint64(len(r.String(16))) }}, // a copy
		{"Take/16", zeros(16), func(r *buffer.Reader) { r.Take(16).Release(); r.Commit(); r.Repay() }},
	} {
		b.Run(c.name, func(b *testing.B) {
			const values = 400
			cache := bench(b)
			o := cache.Alloc(16 * values)
			for range values {
				if c.fill == nil {
					o.PutUint64(0x0102030405060708)
				} else {
					c.fill(o)
				}
			}
			for b.Loop() {
				r := cache.Reader(o)
				for range values {
					c.read(r)
				}
				if r.Failed() {
					b.Fatal(r.Err())
				}
				r.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/values, "ns/value")
			b.ReportMetric(0, "ns/op")
			o.Release()
		})
	}
}

func uvarint(v uint64) func(*buffer.Buf) { return func(o *buffer.Buf) { o.PutUvarint(v) } }
func zeros(n int) func(*buffer.Buf)      { return func(o *buffer.Buf) { o.PutZero(n) } }

// BenchmarkPut appends values one by one to a buffer that has room for 200 of them.
func BenchmarkPut(b *testing.B) {
	page := make([]byte, 16)
	for _, c := range []struct {
		name string
		put  func(o *buffer.Buf)
	}{
		{"Uint8", func(o *buffer.Buf) { o.PutUint8(1) }},
		{"Uint16", func(o *buffer.Buf) { o.PutUint16(1) }},
		{"Uint32", func(o *buffer.Buf) { o.PutUint32(1) }},
		{"Uint32LE", func(o *buffer.Buf) { o.PutUint32LE(1) }},
		{"Uint64", func(o *buffer.Buf) { o.PutUint64(1) }},
		{"Uint64LE", func(o *buffer.Buf) { o.PutUint64LE(1) }},
		{"Uvarint/3", func(o *buffer.Buf) { o.PutUvarint(1 << 20) }},
		{"Decimal/7", func(o *buffer.Buf) { o.PutDecimal(1234567) }},
		{"String/16", func(o *buffer.Buf) { o.PutString("0123456789abcdef") }},
		{"Write/16", func(o *buffer.Buf) { o.Write(page) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			const values = 200
			o := bench(b).Alloc(16 * values)
			for b.Loop() {
				o.Truncate(0)
				for range values {
					c.put(o)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/values, "ns/value")
			b.ReportMetric(0, "ns/op")
			o.Release()
		})
	}
}

// BenchmarkAt reads values at places, out of one piece and out of the last of many.
func BenchmarkAt(b *testing.B) {
	var sum uint64
	for _, n := range []int{1, 16} {
		for _, c := range []struct {
			name string
			at   func(o *buffer.Buf, i int)
		}{
			{"At", func(o *buffer.Buf, i int) { sum += uint64(o.At(i)) }},
			{"Uint32", func(o *buffer.Buf, i int) { sum += uint64(o.Uint32(i)) }},
			{"SetUint32", func(o *buffer.Buf, i int) { o.SetUint32(i, 1) }},
		} {
			b.Run(fmt.Sprintf("%s/pieces=%d", c.name, n), func(b *testing.B) {
				o := pieces(bench(b), n, 1000)
				for b.Loop() {
					c.at(o, 1000*n-100)
				}
				o.Release()
			})
		}
	}
}
