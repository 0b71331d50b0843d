package transporttest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// A peer is the other side of a connection: it does exactly what the case says.
type peer struct {
	net.Conn
	w *world
}

// dialPeer connects to an engine's listener.
func (w *world) dialPeer(network, addr string) *peer {
	w.Helper()
	c, err := w.suite.Dial(network, addr)
	if err != nil {
		w.Fatalf("peer: %v", err)
	}
	return w.newPeer(c)
}

func (w *world) newPeer(c net.Conn) *peer {
	c.SetDeadline(time.Now().Add(patience))
	w.peers = append(w.peers, c)
	return &peer{c, w}
}

func (p *peer) send(data []byte) {
	p.w.Helper()
	if _, err := p.Write(data); err != nil {
		p.w.Fatalf("peer: cannot send %d bytes: %v", len(data), err)
	}
}

func (p *peer) sendText(s string) { p.w.Helper(); p.send([]byte(s)) }

// sending sends data while the case goes on. What comes out of the result is the error.
func (p *peer) sending(data []byte) <-chan error {
	sent := make(chan error, 1)
	go func() {
		_, err := p.Write(data)
		sent <- err
	}()
	return sent
}

// want reads as many bytes as data has, and fails if they differ.
func (p *peer) want(data []byte) {
	p.w.Helper()
	got := make([]byte, len(data))
	n, err := io.ReadFull(p, got)
	if err != nil && len(data) > 0 {
		p.w.Fatalf("peer: got %d of %d bytes, then %v", n, len(data), err)
	}
	p.equal(got, data)
}

func (p *peer) wantText(s string) { p.w.Helper(); p.want([]byte(s)) }

func (p *peer) equal(got, data []byte) {
	p.w.Helper()
	if bytes.Equal(got, data) {
		return
	}
	at := 0
	for at < len(got) && at < len(data) && got[at] == data[at] {
		at++
	}
	p.w.Fatalf("peer: got %d bytes, want %d; they differ at %d", len(got), len(data), at)
}

// wantEnd fails unless the stream ends here, in order.
func (p *peer) wantEnd() {
	p.w.Helper()
	var one [1]byte
	if n, err := p.Read(one[:]); n != 0 || err != io.EOF {
		p.w.Fatalf("peer: got %d bytes and error %v, want the end of the stream", n, err)
	}
}

// wantReset drops what comes and fails unless the connection was reset behind it.
func (p *peer) wantReset() {
	p.w.Helper()
	if n, err := io.Copy(io.Discard, p.Conn); !errors.Is(err, syscall.ECONNRESET) {
		p.w.Fatalf("peer: got %d bytes and error %v, want a reset", n, err)
	}
}

// wantGone drops what comes and fails unless the connection has ended in some way.
func (p *peer) wantGone() {
	p.w.Helper()
	var timeout net.Error
	if _, err := io.Copy(io.Discard, p.Conn); errors.As(err, &timeout) && timeout.Timeout() {
		p.w.Fatalf("peer: the connection is still there")
	}
}

// endStream ends the peer's direction.
func (p *peer) endStream() {
	p.w.Helper()
	if err := p.Conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		p.w.Fatalf("peer: CloseWrite: %v", err)
	}
}

// reset ends the connection by a reset.
func (p *peer) reset() {
	p.w.Helper()
	if err := p.Conn.(interface{ SetLinger(int) error }).SetLinger(0); err != nil {
		p.w.Fatalf("peer: SetLinger: %v", err)
	}
	p.Close()
}

// compare is want for goroutines that may not end the case.
func (p *peer) compare(data []byte) error {
	got := make([]byte, len(data))
	if n, err := io.ReadFull(p, got); err != nil {
		return fmt.Errorf("got %d of %d bytes, then %w", n, len(data), err)
	}
	if !bytes.Equal(got, data) {
		return errors.New("got other bytes than expected")
	}
	return nil
}

func readFull(p *peer, b []byte) error {
	_, err := io.ReadFull(p, b)
	return err
}
