//go:build linux

package socket_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// control returns a control message.
func control(level, kind int32, data []byte) []byte {
	p := make([]byte, unix.CmsgSpace(len(data)))
	if unix.SizeofCmsghdr == 16 {
		binary.NativeEndian.PutUint64(p, uint64(unix.CmsgLen(len(data))))
	} else {
		binary.NativeEndian.PutUint32(p, uint32(unix.CmsgLen(len(data))))
	}
	binary.NativeEndian.PutUint32(p[unix.SizeofCmsghdr-8:], uint32(level))
	binary.NativeEndian.PutUint32(p[unix.SizeofCmsghdr-4:], uint32(kind))
	copy(p[unix.CmsgLen(0):], data)
	return p
}

// notice returns what the kernel tells of calls that have sent without a copy.
func notice(low, high uint32, code byte) []byte {
	p := make([]byte, 16)
	p[4], p[6] = unix.SO_EE_ORIGIN_ZEROCOPY, code
	binary.NativeEndian.PutUint32(p[8:], low)
	binary.NativeEndian.PutUint32(p[12:], high)
	return p
}

func TestParseControl(t *testing.T) {
	rights := unix.UnixRights(3, 4, 5)
	pid := control(unix.SOL_SOCKET, unix.SCM_CREDENTIALS, make([]byte, 12))
	cut := slices.Clone(rights)
	for _, c := range []struct {
		name string
		p    []byte
		want []int32
	}{
		{"none", nil, nil},
		{"rights", rights, []int32{3, 4, 5}},
		{"behind others", append(slices.Clone(pid), rights...), []int32{3, 4, 5}},
		{"twice", append(slices.Clone(rights), unix.UnixRights(9)...), []int32{3, 4, 5, 9}},
		{"cut off", cut[:len(cut)-8], nil},
		{"header cut off", cut[:unix.SizeofCmsghdr-1], nil},
		{"length 0", make([]byte, 64), nil},
		{"other level", control(unix.SOL_IP, unix.SCM_RIGHTS, make([]byte, 8)), nil},
	} {
		if got := socket.ParseRights(nil, c.p); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	for _, level := range [][2]int32{{unix.SOL_IP, unix.IP_RECVERR}, {unix.SOL_IPV6, unix.IPV6_RECVERR}} {
		p := append(slices.Clone(pid), control(level[0], level[1], notice(7, 9, unix.SO_EE_CODE_ZEROCOPY_COPIED))...)
		if low, high, copied, ok := socket.ParseNotice(p); low != 7 || high != 9 || !copied || !ok {
			t.Errorf("notice: %d to %d, copied %v, %v", low, high, copied, ok)
		}
		if _, _, copied, ok := socket.ParseNotice(control(level[0], level[1], notice(1, 1, 0))); copied || !ok {
			t.Errorf("notice without a copy: copied %v, %v", copied, ok)
		}
		if _, _, _, ok := socket.ParseNotice(control(level[0], level[1], notice(1, 1, 0)[:15])); ok {
			t.Error("half a notice is one")
		}
		other := notice(1, 1, 0)
		other[4] = unix.SO_EE_ORIGIN_ICMP
		if _, _, _, ok := socket.ParseNotice(control(level[0], level[1], other)); ok {
			t.Error("an error of the network is a notice")
		}
	}
}

// FuzzControl feeds control messages that no kernel makes. What is read of them is what package unix reads.
func FuzzControl(f *testing.F) {
	f.Add(unix.UnixRights(1, 2, 3))
	f.Add(append(control(unix.SOL_SOCKET, unix.SCM_CREDENTIALS, make([]byte, 12)), unix.UnixRights(7)...))
	f.Add(control(unix.SOL_IP, unix.IP_RECVERR, notice(1, 2, 1)))
	f.Add(control(unix.SOL_IPV6, unix.IPV6_RECVERR, notice(1<<32-1, 3, 0)))
	f.Add(make([]byte, 40))
	f.Fuzz(func(t *testing.T, p []byte) {
		got := socket.ParseRights(nil, p)
		if 4*len(got) > len(p) {
			t.Fatalf("%d descriptors in %d bytes", len(got), len(p))
		}
		socket.ParseNotice(p)
		n := 0
		for rest := p; ; n++ {
			_, _, data, behind, ok := socket.NextControl(rest)
			if !ok {
				break
			}
			if len(behind) >= len(rest) || len(data) > len(rest) {
				t.Fatalf("message %d of %d bytes: %d of data, %d behind", n, len(rest), len(data), len(behind))
			}
			rest = behind
		}
		messages, err := unix.ParseSocketControlMessage(p)
		if err != nil || len(messages) != n {
			return // it refuses all where we take what comes before the mistake
		}
		var want []int32
		for i := range messages {
			if len(messages[i].Data)%4 != 0 {
				return // package unix reads beyond such data
			}
			fds, err := unix.ParseUnixRights(&messages[i])
			for _, fd := range fds {
				want = append(want, int32(fd))
			}
			if err != nil && messages[i].Header.Level == unix.SOL_SOCKET && messages[i].Header.Type == unix.SCM_RIGHTS {
				return
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v, package unix reads %v", got, want)
		}
	})
}

// Names of Unix sockets as the kernel gives them.
func TestUnixNames(t *testing.T) {
	for path, want := range map[string]string{
		"": "", "/run/s\x00": "/run/s", "/run/s": "/run/s", "\x00s": "@s", "\x00a\x00b": "@a\x00b", "\x00": "@", "\x00\x00": "@\x00",
	} {
		if got := socket.NameOf([]byte(path)); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

// What is held is released as the kernel tells, in whatever order, and numbers may wrap around.
func TestHolding(t *testing.T) {
	pool := new(buffer.Pool)
	cache := pool.NewCache()
	r := rand.New(rand.NewPCG(1, 7))
	const start = 1<<32 - 300
	var h socket.Holding
	h.StartAt(start)
	next := uint32(start)
	var open []uint32 // numbers that were not told about
	for range 20_000 {
		if len(open) < 20 && r.IntN(2) == 0 {
			b := cache.Alloc(100)
			b.PutZero(100)
			h.Add(cache, b)
			open = append(open, next)
			next++
		} else if len(open) > 0 { // a run of neighbours, from anywhere
			i := r.IntN(len(open))
			j := i
			for j+1 < len(open) && open[j+1] == open[j]+1 && r.IntN(3) > 0 {
				j++
			}
			if n := h.Release(open[i], open[j]); n != j-i+1 {
				t.Fatalf("%d to %d: %d calls were released, want %d", open[i], open[j], n, j-i+1)
			}
			if n := h.Release(open[i], open[j]); n != 0 {
				t.Fatalf("%d to %d: %d calls were released twice", open[i], open[j], n)
			}
			open = slices.Delete(open, i, j+1)
		}
		if h.Outstanding() != (len(open) > 0) {
			t.Fatalf("%d calls are open; outstanding: %v", len(open), h.Outstanding())
		}
	}
	for _, id := range open {
		h.Release(id, id)
	}
	if n := h.Room(); n > 4096 {
		t.Errorf("room for %d calls, with 20 open at most", n)
	}
	cache.Close()
	if n := pool.Live(); n != 0 {
		t.Errorf("%d buffers are held", n)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}
