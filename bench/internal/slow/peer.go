package slow

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

// frameSize is the payload of a frame the slow peer sends.
const frameSize = 64 << 10

// peer sends frames and does not read the answers until it is told to.
// Frame n holds n and then a piece of noise whose place depends on n, so a
// frame that is lost, doubled, out of order or damaged is found.
type peer struct {
	conn     net.Conn
	frames   uint64
	sent     atomic.Int64 // payload and header bytes
	got      atomic.Int64
	sendDone chan error
	noise    []byte
}

func newPeer(port string, total int64) (*peer, error) {
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return nil, err
	}
	p := &peer{conn: conn, frames: uint64(total / frameSize), sendDone: make(chan error, 1)}
	p.noise = make([]byte, frameSize+8192)
	rand.NewChaCha8([32]byte{2}).Read(p.noise)
	return p, nil
}

// body is the noise in frame n.
func (p *peer) body(n uint64) []byte {
	at := n * 127 % 8191
	return p.noise[at : at+frameSize-8]
}

// send writes all frames, as fast as the server takes them.
func (p *peer) send() {
	frame := make([]byte, 4+frameSize)
	binary.BigEndian.PutUint32(frame, frameSize)
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
func (p *peer) receive() error {
	r := bufio.NewReaderSize(p.conn, 256<<10)
	frame := make([]byte, 4+frameSize)
	for n := range p.frames {
		if _, err := io.ReadFull(r, frame); err != nil {
			return fmt.Errorf("answer %d of %d: %w", n, p.frames, err)
		}
		if binary.BigEndian.Uint32(frame) != frameSize || binary.BigEndian.Uint64(frame[4:]) != n ||
			!bytes.Equal(frame[12:], p.body(n)) {
			return fmt.Errorf("answer %d of %d is not what was sent", n, p.frames)
		}
		p.got.Add(int64(len(frame)))
	}
	return <-p.sendDone
}

// untilStalled returns when no byte has been taken for a second, or all have.
func (p *peer) untilStalled() int64 {
	last, since := int64(-1), time.Now()
	for {
		now := p.sent.Load()
		if now != last {
			last, since = now, time.Now()
		}
		if time.Since(since) > time.Second || now == int64(p.frames)*(4+frameSize) {
			return now
		}
		time.Sleep(10 * time.Millisecond)
	}
}
