package mem

import (
	"bytes"
	"io"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// A model of a link: what each side may see of the other, byte by byte and in plain words.
type model struct {
	latency time.Duration
	limit   int
	dirs    [2]modelDir // by the side that reads
	closed  [2]bool
	shut    [2]bool
}

type modelDir struct {
	bytes  []byte
	at     []time.Duration // when each of them is there
	filled int             // of the limit
	latest time.Duration
	fin    *time.Duration
	reset  *time.Duration
}

func (d *modelDir) arrive(at time.Duration) *time.Duration {
	d.latest = max(d.latest, at)
	at = d.latest
	return &at
}

func past(at *time.Duration, now time.Duration) bool { return at != nil && *at <= now }

func (d *modelDir) there(now time.Duration) int {
	n := 0
	for n < len(d.at) && d.at[n] <= now {
		n++
	}
	return n
}

func (m *model) write(me int, p []byte, now time.Duration) (int, error) {
	in, out := &m.dirs[me], &m.dirs[1-me]
	switch {
	case past(in.reset, now):
		return 0, syscall.ECONNRESET
	case m.shut[me]:
		return 0, syscall.EPIPE
	}
	n := min(len(p), m.limit-out.filled)
	if n == 0 {
		return 0, nil
	}
	out.filled += n
	if m.closed[1-me] {
		m.break_(me, now+2*m.latency)
		return n, nil
	}
	for _, b := range p[:n] {
		out.bytes = append(out.bytes, b)
		out.at = append(out.at, *out.arrive(now + m.latency))
	}
	return n, nil
}

func (m *model) read(me, n int, now time.Duration) ([]byte, error) {
	in := &m.dirs[me]
	if past(in.reset, now) {
		return nil, syscall.ECONNRESET
	}
	n = min(n, in.there(now))
	if n == 0 && len(in.bytes) == 0 && past(in.fin, now) {
		return nil, io.EOF
	}
	p := in.bytes[:n:n]
	in.bytes, in.at = in.bytes[n:], in.at[n:]
	in.filled -= n
	return p, nil
}

func (m *model) shutdown(me int, now time.Duration) error {
	if past(m.dirs[me].reset, now) {
		return syscall.ENOTCONN
	}
	if out := &m.dirs[1-me]; !m.shut[me] {
		m.shut[me] = true
		out.fin = out.arrive(now + m.latency)
	}
	return nil
}

func (m *model) break_(me int, at time.Duration) {
	if d := &m.dirs[me]; d.reset == nil && !m.closed[me] {
		d.reset = d.arrive(at)
	}
}

func (m *model) close(me int, abort bool, now time.Duration) {
	if m.closed[me] {
		return
	}
	in := &m.dirs[me]
	if !past(in.reset, now) {
		if abort || in.there(now) > 0 {
			m.shut[me] = true
			m.break_(1-me, now+m.latency)
		} else {
			m.shutdown(me, now)
			if len(in.bytes) > 0 {
				m.break_(1-me, in.latest+m.latency)
			}
		}
	}
	m.closed[me] = true
	in.bytes, in.at = nil, nil
}

// compareWithModel does what script says to a link and to the model, and fails where they differ.
func compareWithModel(t *testing.T, script []byte) {
	if len(script) < 2 {
		return
	}
	n := &Network{Latency: time.Duration(script[0]%3) * time.Millisecond, Buffer: 1 + int(script[1])*10}
	m := &model{latency: n.Latency, limit: 2 * n.sized(0)}
	l := newLink(n, endpoint{name: "a"}, endpoint{name: "b"}, buffers{}, buffers{})
	pool := new(buffer.Pool)
	defer pool.Close()
	var clock time.Duration
	l.clock = func() time.Duration { return clock }
	m.dirs[0].latest, m.dirs[1].latest = always, always
	seed := byte(0)
	for s := script[2:]; len(s) >= 2; s = s[2:] {
		op, me, arg := s[0]%16, int(s[0]>>4)%2, int(s[1])
		now := l.now()
		switch {
		case m.closed[me]:
			clock += time.Duration(arg) * 100 * time.Microsecond
		case op < 6:
			p := make([]byte, arg*arg/20)
			for i := range p {
				seed++
				p[i] = seed
			}
			got, err := l.write(me, p[:len(p)/2], p[len(p)/2:])
			want, wantErr := m.write(me, p, now)
			if got != want || err != wantErr {
				t.Fatalf("side %d writes %d: %d, %v; want %d, %v", me, len(p), got, err, want, wantErr)
			}
		case op == 6:
			room, _ := l.space(me)
			p := make([]byte, min(1+arg*arg/20, room))
			for i := range p {
				seed++
				p[i] = seed
			}
			if room == 0 {
				break
			}
			b := pool.Alloc(len(p))
			b.Write(p)
			_, wantErr := m.write(me, p, now)
			if err := l.pass(me, b); err != wantErr {
				t.Fatalf("side %d passes %d on: %v, want %v", me, len(p), err, wantErr)
			}
		case op == 7:
			b := l.receive(me)
			if b == nil {
				break
			}
			if want, err := m.read(me, b.Len(), now); !b.EqualBytes(want) || err != nil {
				t.Fatalf("side %d receives a buffer of %d bytes; want %d, %v", me, b.Len(), len(want), err)
			}
			b.Release()
		case op < 12:
			p := make([]byte, 1+arg*arg/20)
			got, _, err := l.read(me, p)
			want, wantErr := m.read(me, len(p), now)
			if !bytes.Equal(p[:got], want) || err != wantErr {
				t.Fatalf("side %d reads: %d bytes, %v; want %d, %v", me, got, err, len(want), wantErr)
			}
		case op == 12 && arg < 100:
			if err, want := l.shutdown(me), m.shutdown(me, now); err != want {
				t.Fatalf("side %d ends its stream: %v, want %v", me, err, want)
			}
		case op == 13 && arg < 50:
			l.close(me, arg < 25)
			m.close(me, arg < 25, now)
		default:
			clock += time.Duration(arg) * 10 * time.Microsecond
		}
		for side := range 2 {
			look, d := l.look(side), &m.dirs[side]
			now := l.now()
			broken := past(d.reset, now)
			if m.closed[side] {
				continue
			}
			if look.broken != broken || !broken && (look.have != d.there(now) || look.ended != (d.there(now) == len(d.bytes) && past(d.fin, now))) {
				t.Fatalf("at %v side %d sees %+v; want %d bytes, reset %v", now, side, look, d.there(now), broken)
			}
		}
	}
	l.close(0, true)
	l.close(1, true)
	if l.streams[0].bytes.head != nil || l.streams[1].bytes.head != nil {
		t.Fatal("a closed link holds chunks")
	}
	if n := pool.Live(); n != 0 {
		t.Fatalf("a closed link holds %d buffers", n)
	}
}

func TestLinkModel(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		script := make([]byte, 2+dice.IntN(200))
		for i := range script {
			script[i] = byte(dice.Uint32())
		}
		compareWithModel(t, script)
	}
}

func FuzzLink(f *testing.F) {
	f.Add([]byte("\x00\x10aabbccddeeff"))
	f.Add([]byte{1, 40, 0, 60, 22, 60, 12, 1, 29, 1, 15, 255})
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 200 {
			script = script[:200]
		}
		compareWithModel(t, script)
	})
}
