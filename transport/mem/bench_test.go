package mem_test

import (
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/transport/mem"
)

// BenchmarkEcho is a question and its answer, between a plain connection and a channel.
func BenchmarkEcho(b *testing.B) {
	for _, size := range []int{64, 4 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			n := new(mem.Network)
			c := dialPlain(b, n, listen(b, unwatched(b, n, 1), "mem", "", echo).Addr())
			data, room := make([]byte, size), make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				exchange(b, c, data, room)
			}
		})
	}
}

// BenchmarkChannels is a question and its answer, between two channels.
func BenchmarkChannels(b *testing.B) {
	for _, loops := range []int{1, 2} {
		for _, size := range []int{64, 4 << 10, 64 << 10} {
			b.Run(fmt.Sprintf("loops=%d/%dB", loops, size), func(b *testing.B) {
				n := new(mem.Network)
				g := unwatched(b, n, loops)
				s := asking(make([]byte, size))
				r := dialChannel(b, g, listen(b, g, "mem", "", echo).Addr(), s)
				s.exchange(r, 100)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				b.ResetTimer()
				s.exchange(r, b.N)
			})
		}
	}
}
