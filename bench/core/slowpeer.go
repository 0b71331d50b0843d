package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"
)

// slowFrame is the payload of a frame the slow peer sends.
const slowFrame = 64 << 10

// slowPeer sends frames and does not read the answers until it is told to.
// Frame n holds n and then a piece of noise whose place depends on n, so a
// frame that is lost, doubled, out of order or damaged is found.
type slowPeer struct {
	conn     net.Conn
	frames   uint64
	sent     atomic.Int64 // payload and header bytes
	got      atomic.Int64
	sendDone chan error
	noise    []byte
}

func newSlowPeer(port string, total int64) (*slowPeer, error) {
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return nil, err
	}
	p := &slowPeer{conn: conn, frames: uint64(total / slowFrame), sendDone: make(chan error, 1)}
	p.noise = make([]byte, slowFrame+8192)
	rand.NewChaCha8([32]byte{2}).Read(p.noise)
	return p, nil
}

// body is the noise in frame n.
func (p *slowPeer) body(n uint64) []byte {
	at := n * 127 % 8191
	return p.noise[at : at+slowFrame-8]
}

// send writes all frames, as fast as the server takes them.
func (p *slowPeer) send() {
	frame := make([]byte, 4+slowFrame)
	binary.BigEndian.PutUint32(frame, slowFrame)
	for n := range p.frames {
		binary.BigEndian.PutUint64(frame[4:], n)
		copy(frame[12:], p.body(n))
		for rest := frame; len(rest) > 0; {
			// Small writes, so that progress shows at once.
			w, err := p.conn.Write(rest[:min(len(rest), 16<<10)])
			p.sent.Add(int64(w))
			if err != nil {
				p.sendDone <- err
				return
			}
			rest = rest[w:]
		}
	}
	p.sendDone <- nil
}

// receive takes all answers and compares them.
func (p *slowPeer) receive() error {
	r := bufio.NewReaderSize(p.conn, 256<<10)
	frame := make([]byte, 4+slowFrame)
	for n := range p.frames {
		if _, err := io.ReadFull(r, frame); err != nil {
			return fmt.Errorf("answer %d of %d: %w", n, p.frames, err)
		}
		if binary.BigEndian.Uint32(frame) != slowFrame || binary.BigEndian.Uint64(frame[4:]) != n ||
			!bytes.Equal(frame[12:], p.body(n)) {
			return fmt.Errorf("answer %d of %d is not what was sent", n, p.frames)
		}
		p.got.Add(int64(len(frame)))
	}
	return <-p.sendDone
}

// untilStalled returns when no byte has been taken for a second, or all have.
func (p *slowPeer) untilStalled() int64 {
	last, since := int64(-1), time.Now()
	for {
		now := p.sent.Load()
		if now != last {
			last, since = now, time.Now()
		}
		if time.Since(since) > time.Second || now == int64(p.frames)*(4+slowFrame) {
			return now
		}
		time.Sleep(10 * time.Millisecond)
	}
}
