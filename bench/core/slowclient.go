package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	smallestFrame = 64
	largestFrame  = 64 << 10
	stallEvery    = 4    // one client in so many stops reading for some seconds
	slowSegment   = 1400 // TCP_MAXSEG: with loopback's 64 KiB the kernel's send buffer would hold all
	slowWindow    = 8 << 10
)

// slowClient sends frames of random sizes at a low rate and reads what comes
// back at a lower one. Every byte is known from the client's number.
type slowClient struct {
	conn  net.Conn
	rand  *rand.Rand
	noise []byte
	sizes []int
	total int // with headers
	got   int
}

// clientNoise is what payloads are cut from.
func clientNoise() []byte {
	p := make([]byte, 2*largestFrame)
	rand.NewChaCha8([32]byte{3}).Read(p)
	return p
}

func newSlowClient(port string, number uint64, bytes int, noise []byte) (*slowClient, error) {
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, slowSegment)
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, slowWindow)
		})
	}}
	conn, err := d.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return nil, err
	}
	c := &slowClient{conn: conn, rand: rand.New(rand.NewPCG(number, 4)), noise: noise}
	for left := bytes; left > 0; { // all doublings alike
		n := int(smallestFrame * math.Exp2(c.rand.Float64()*math.Log2(largestFrame/smallestFrame)))
		n = min(n, left)
		c.sizes = append(c.sizes, n)
		c.total += 4 + n
		left -= n
	}
	return c, nil
}

// stream calls f with the bytes that are sent, and come back, piece by piece.
func (c *slowClient) stream(f func([]byte) error) error {
	for n, size := range c.sizes {
		var head [4]byte
		binary.BigEndian.PutUint32(head[:], uint32(size))
		if err := f(head[:]); err != nil {
			return err
		}
		at := (n*127 + c.total) % largestFrame
		if err := f(c.noise[at : at+size]); err != nil {
			return err
		}
	}
	return nil
}

// run sends and receives everything.
func (c *slowClient) run() error {
	defer c.conn.Close()
	rate := 8<<10 + c.rand.IntN(24<<10) // bytes in a second that are read; twice as many are sent
	stall := time.Duration(0)
	if c.rand.IntN(stallEvery) == 0 {
		stall = time.Second + time.Duration(c.rand.Int64N(int64(4*time.Second)))
	}
	sent := make(chan error, 1)
	go func() { sent <- c.send(2 * rate) }()
	if err := c.receive(rate, stall); err != nil {
		return fmt.Errorf("after %d of %d bytes: %w", c.got, c.total, err)
	}
	return <-sent
}

const (
	slowPiece   = 4 << 10
	slowTimeout = time.Minute
)

func (c *slowClient) send(rate int) error {
	start, done := time.Now(), 0
	return c.stream(func(p []byte) error {
		for len(p) > 0 {
			c.conn.SetWriteDeadline(time.Now().Add(slowTimeout))
			n, err := c.conn.Write(p[:min(len(p), slowPiece)])
			if err != nil {
				return err
			}
			p, done = p[n:], done+n
			pace(start, done, rate)
		}
		return nil
	})
}

func (c *slowClient) receive(rate int, stall time.Duration) error {
	start := time.Now()
	var room [slowPiece]byte
	return c.stream(func(p []byte) error {
		for len(p) > 0 {
			c.conn.SetReadDeadline(time.Now().Add(slowTimeout))
			n, err := c.conn.Read(room[:min(len(p), len(room))])
			if err != nil {
				if err == io.EOF {
					err = io.ErrUnexpectedEOF
				}
				return err
			}
			if !bytes.Equal(room[:n], p[:n]) {
				return fmt.Errorf("other bytes came back than were sent")
			}
			p, c.got = p[n:], c.got+n
			if stall > 0 && c.got > c.total/4 {
				time.Sleep(stall)
				start, stall = start.Add(stall), 0
			}
			pace(start, c.got, rate)
		}
		return nil
	})
}

// pace sleeps until done bytes are no more than rate allows.
func pace(start time.Time, done, rate int) {
	time.Sleep(time.Until(start.Add(time.Duration(done) * time.Second / time.Duration(rate))))
}
