package mem_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/transport/mem"
)

// Peers with random habits talk to a channel that echoes. Whatever happens, what comes back is what was sent, from its
// beginning on; all of it after an orderly end; and nothing is left behind.
func TestRandomPeers(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dice := rand.New(rand.NewPCG(seed, 1))
				n := &mem.Network{Buffer: 1 + dice.IntN(1<<(1+dice.IntN(17))), Latency: time.Duration(dice.IntN(3)) * time.Millisecond}
				g := start(t, n, 1+dice.IntN(2))
				ln := listen(t, g, "mem", "echo", echo)
				done := make(chan struct{})
				const peers = 8
				for i := range peers {
					go func() {
						defer func() { done <- struct{}{} }()
						randomPeer(t, dialPlain(t, n, ln.Addr()), rand.New(rand.NewPCG(seed, uint64(i))), min(1<<18, 200*n.Buffer))
					}()
				}
				for range peers {
					<-done
				}
				if err := ln.Drain(t.Context()); err != nil {
					t.Error(err)
				}
				g.Close()
			})
		})
	}
}

// randomPeer writes up to most bytes and reads at its own pace, and ends in one of the ways to end.
func randomPeer(t *testing.T, c *mem.Conn, dice *rand.Rand, most int) {
	data := make([]byte, dice.IntN(1+dice.IntN(most)))
	for i := range data {
		data[i] = byte(dice.Uint32())
	}
	cut := len(data)
	if dice.IntN(3) == 0 {
		cut = dice.IntN(len(data) + 1)
	}
	ending := dice.IntN(3) // the end of the stream, a reset, a close
	pace := rand.New(rand.NewPCG(dice.Uint64(), 0))
	var got bytes.Buffer
	read := make(chan error)
	go func() {
		p := make([]byte, 1+pace.IntN(5000))
		for {
			n, err := c.Read(p[:1+pace.IntN(len(p))])
			got.Write(p[:n])
			if err != nil {
				read <- err
				return
			}
			if pace.IntN(10) == 0 {
				<-time.After(time.Duration(pace.IntN(3000)) * time.Microsecond)
			}
		}
	}()
	for rest := data[:cut]; len(rest) > 0; {
		n, err := c.Write(rest[:1+dice.IntN(len(rest))])
		if err != nil {
			t.Errorf("Write: %v", err)
			break
		}
		rest = rest[n:]
		if dice.IntN(5) == 0 {
			<-time.After(time.Duration(dice.IntN(3000)) * time.Microsecond)
		}
	}
	switch ending {
	case 0:
		c.CloseWrite()
	case 1:
		c.Reset()
	default:
		c.Close()
	}
	err := <-read
	switch {
	case !bytes.HasPrefix(data[:cut], got.Bytes()):
		t.Errorf("%d bytes came back that are not those that were sent", got.Len())
	case ending == 0 && (err != io.EOF || got.Len() != cut):
		t.Errorf("%d of %d bytes came back, then %v", got.Len(), cut, err)
	case errors.Is(err, syscall.ECONNRESET):
		t.Errorf("who sees a reset? the peer has closed: %v", err)
	}
	c.Close()
}
