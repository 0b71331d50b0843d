package main

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/web"
)

// A frame is a WebSocket message in one frame (RFC 6455, section 5.2).
type frame struct {
	opcode  byte
	payload []byte
}

const (
	opText   = 1
	opBinary = 2
)

// append adds the frame to p as a client sends it, if there is a mask, or as a server does.
func (f frame) append(p []byte, mask []byte) []byte {
	masked := byte(0)
	if mask != nil {
		masked = 0x80
	}
	p = append(p, 0x80|f.opcode)
	switch n := len(f.payload); {
	case n < 126:
		p = append(p, masked|byte(n))
	case n <= 0xffff:
		p = binary.BigEndian.AppendUint16(append(p, masked|126), uint16(n))
	default:
		p = binary.BigEndian.AppendUint64(append(p, masked|127), uint64(n))
	}
	p = append(p, mask...)
	at := len(p)
	p = append(p, f.payload...)
	for i := range p[at:] {
		if mask != nil {
			p[at+i] ^= mask[i%4]
		}
	}
	return p
}

// frames are what a server must echo: sizes at the borders of the length field, and larger than a read.
func frames(server string) []frame {
	noise := make([]byte, 1<<16)
	rand.NewChaCha8([32]byte{3}).Read(noise)
	var all []frame
	sizes := []int{0, 1, 125, 126, 127, 1000, 4096, 60000}
	if server == "nbio" {
		sizes = sizes[1:] // it drops empty messages
	}
	for _, n := range sizes {
		all = append(all, frame{opBinary, noise[:n]}, frame{opText, bytes.Repeat([]byte("ö "), (n+2)/3)})
	}
	for range 200 {
		all = append(all, frame{opBinary, noise[:125]})
	}
	return all
}

// verifyEcho compares what comes back of frames that are sent in pieces.
func verifyEcho(s *server) error {
	c, in, err := dialWebSocket(s.Port)
	if err != nil {
		return err
	}
	defer c.Close()
	var text []byte
	for i, f := range frames(s.Name) {
		text = f.append(text, binary.BigEndian.AppendUint32(nil, uint32(i)*0x9E3779B1))
	}
	sent := make(chan error, 1)
	go func() { sent <- web.SendPieces(c, text) }()
	for i, f := range frames(s.Name) {
		if err := received(in, f); err != nil {
			return fmt.Errorf("frame %d, of %d bytes: %w", i, len(f.payload), err)
		}
	}
	if err := <-sent; err != nil {
		return err
	}
	return web.Silent(c, in)
}

// received wants a frame, as a server sends it.
func received(in *bufio.Reader, f frame) error {
	want := f.append(nil, nil)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(in, got); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("not what was sent: it begins with %x", got[:min(len(got), 8)])
	}
	return nil
}

// joinTime is for the server: a client knows that it is connected before the server has made it a member.
const joinTime = 100 * time.Millisecond

// verifyBroadcast has two of three members tell something to all.
func verifyBroadcast(s *server) error {
	var conns []net.Conn
	var ins []*bufio.Reader
	for range 3 {
		c, in, err := dialWebSocket(s.Port)
		if err != nil {
			return err
		}
		defer c.Close()
		conns, ins = append(conns, c), append(ins, in)
	}
	time.Sleep(joinTime)
	for i, c := range conns[:2] {
		f := frame{opBinary, bytes.Repeat([]byte{byte('a' + i)}, broadcastSize)}
		if _, err := c.Write(f.append(nil, []byte{1, 2, 3, 4})); err != nil {
			return err
		}
		for j, in := range ins {
			if err := received(in, f); err != nil {
				return fmt.Errorf("member %d told, member %d: %w", i, j, err)
			}
		}
	}
	for i, c := range conns {
		if err := web.Silent(c, ins[i]); err != nil {
			return err
		}
	}
	return nil
}

// dialWebSocket connects and shakes hands (RFC 6455, section 4).
func dialWebSocket(port string) (net.Conn, *bufio.Reader, error) {
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return nil, nil, err
	}
	c.SetDeadline(time.Now().Add(web.VerifyTime))
	in := bufio.NewReader(c)
	if err := handshake(c, in); err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, in, nil
}

func handshake(c net.Conn, in *bufio.Reader) error {
	key := base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(make([]byte, 8), rand.Uint64()))
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", key)
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	switch {
	case r.StatusCode != http.StatusSwitchingProtocols:
		return fmt.Errorf("status %s instead of 101", r.Status)
	case r.Header.Get("Sec-WebSocket-Accept") != base64.StdEncoding.EncodeToString(sum[:]):
		return errors.New("a wrong Sec-WebSocket-Accept")
	case r.Header.Get("Sec-WebSocket-Extensions") != "":
		return errors.New("an extension that was not offered")
	}
	return nil
}
