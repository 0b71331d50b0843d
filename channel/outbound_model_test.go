package channel

import (
	"bytes"
	"os"

	"github.com/ropewalk/ropewalk/buffer"
)

func (m *outboundModel) write() {
	m.serial++
	switch m.r.IntN(5) {
	case 0:
		m.file()
	case 1: // contiguous
		m.push(m.buf(m.r.IntN(3000)))
	case 2: // composite
		b := m.buf(300 + m.r.IntN(3000))
		for range m.r.IntN(4) {
			b.Append(m.buf(300 + m.r.IntN(300)))
		}
		m.push(b)
	case 3: // what one read has brought, message by message
		room, err := m.cache.ReceiveRoom()
		if err != nil {
			m.t.Fatal(err)
		}
		b := m.cache.Received(copy(room, pattern(1+m.r.IntN(2000), m.serial)))
		for b.Len() > 0 {
			part := b.Split(1 + m.r.IntN(b.Len()))
			if m.r.IntN(8) == 0 {
				part.Release() // somebody dropped it
				continue
			}
			m.push(part)
		}
		b.Release()
	case 4: // clones and parts of one message
		b := m.buf(1 + m.r.IntN(2000))
		m.push(b.Clone())
		i := m.r.IntN(b.Len())
		m.push(b.Slice(i, b.Len()))
		m.push(b)
	}
}

func (m *outboundModel) buf(n int) *buffer.Buf {
	b := m.cache.Alloc(n)
	b.Write(pattern(n, m.serial))
	return b
}

func (m *outboundModel) push(b *buffer.Buf) {
	c := b.Clone()
	m.want = append(m.want, c.Bytes()...)
	c.Release()
	m.q.push(m.cache, b)
}

func (m *outboundModel) file() {
	f, err := os.Open(m.path)
	if err != nil {
		m.t.Fatal(err)
	}
	m.files = append(m.files, f)
	off := m.r.Int64N(30 << 10)
	file, err := NewFile(f, off, m.r.Int64N(3)*m.r.Int64N(2000))
	if err != nil {
		m.t.Fatal(err)
	}
	m.want = append(m.want, pattern(40<<10, 7)[off:off+file.Size()]...)
	m.q.pushFile(file)
}

// send is one write of a kernel that takes what it likes.
func (m *outboundModel) send() {
	if m.q.Empty() {
		return
	}
	limit, most := 1+m.r.IntN(20), 1+m.r.IntN(5000)
	m.got = m.got[:0]
	vec := m.q.Vectors(nil, limit, most)
	if len(vec) > limit {
		m.t.Fatalf("%d vectors of at most %d", len(vec), limit)
	}
	first, only := m.q.First()
	if len(vec) > 0 && !bytes.Equal(first, vec[0]) || only && len(vec) > 1 {
		m.t.Fatal("First and Vectors do not agree")
	}
	for _, p := range vec {
		m.got = append(m.got, p...)
	}
	if f := m.q.File(); f != nil && len(m.got) == m.q.Bytes() {
		p := make([]byte, min(f.Size(), int64(m.r.IntN(3000))))
		n, err := f.Peek(p)
		if err != nil {
			m.t.Fatal(err)
		}
		m.got = append(m.got, p[:n]...)
	}
	n := len(m.got)
	if m.r.IntN(3) > 0 {
		n = m.r.IntN(n + 1) // short; 0 is EAGAIN
	}
	if !bytes.HasPrefix(m.want, m.got) {
		m.t.Fatalf("%d bytes to be sent are not those written", len(m.got))
	}
	m.want = m.want[n:]
	if n > 0 && n <= m.q.Bytes() && m.r.IntN(3) == 0 { // a kernel that reads it later
		var lent buffer.Queue
		m.q.Take(m.cache, n, &lent)
		for at := 0; lent.Len() > 0; {
			p, _ := lent.First()
			if !bytes.Equal(p, m.got[at:at+len(p)]) {
				m.t.Fatalf("%d bytes that were taken are not those sent", len(p))
			}
			at += len(p)
			lent.Advance(len(p))
		}
		return
	}
	m.q.Advance(int64(n))
}

func (m *outboundModel) check() {
	files, weight := 0, m.q.Bytes()
	for f := m.q.files; f != nil; f = f.next {
		files++
		weight += fileWeight + f.after.Len()
	}
	if m.q.weight != weight || m.q.Weight() != weight {
		m.t.Fatalf("weight %d, want %d", m.q.weight, weight)
	}
	if m.q.rest() != int64(len(m.want)) {
		m.t.Fatalf("rest %d, want %d", m.q.rest(), len(m.want))
	}
	open := 0
	for _, f := range m.files {
		if _, err := f.Stat(); err == nil {
			open++
		}
	}
	if open != files {
		m.t.Fatalf("%d files are open, %d queued", open, files)
	}
}

// pattern returns n bytes of which no two neighbourhoods are alike.
func pattern(n int, start byte) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i) ^ byte(i>>8)*31 + start
	}
	return p
}
