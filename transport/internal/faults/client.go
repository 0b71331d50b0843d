//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"
)

// client is one connection and what it counts.
type client struct {
	*net.TCPConn
	options
	*rand.Rand
	content *content
	result
	dawdles int           // how often it still waits before it reads
	written chan error    // what became of sending
	back    atomic.Int64  // bytes that have come
	moved   chan struct{} // gets one when there are more
	over    chan struct{} // closed when the session is over
}

// A plan says how a session ends.
type plan int

const (
	halfClose plan = iota // the client ends its stream, gets the rest, and then the end of the server's
	leave                 // it gets everything, and closes
	reset                 // it resets the connection in the middle
	vanish                // it closes in the middle
	plans
)

// plan chooses how this session ends.
func (c *client) plan() plan {
	if n := c.IntN(10); n < int(plans)-2 {
		return reset + plan(n)
	} else {
		return plan(n % 2)
	}
}

// abandon leaves in the middle.
func (c *client) abandon(p plan) error {
	if p == reset {
		c.resets = 1
		c.SetLinger(0)
	}
	return nil
}

// expect reads parts and compares them. It stops in the middle if left is reached.
func (c *client) expect(parts [][]byte, left int64) error {
	buf := make([]byte, 1+c.IntN(64<<10))
	at := int64(0)
	for _, want := range parts {
		for len(want) > 0 && at < left {
			c.dawdle()
			n, err := c.Read(buf[:min(len(buf), len(want))])
			if bad := different(buf[:n], want, at); bad != nil {
				return bad
			}
			at += int64(n)
			c.came(n)
			want = want[n:]
			if err != nil {
				return cutAt(err, at)
			}
		}
	}
	return nil
}

// dawdle waits a little before a read, if this client is slow.
func (c *client) dawdle() {
	if c.dawdles > 0 && c.IntN(4) == 0 {
		c.dawdles--
		<-time.After(time.Duration(c.IntN(4)) * time.Millisecond)
	}
}

// expectEnd reads the end of the stream.
func (c *client) expectEnd() error {
	var one [1]byte
	n, err := c.Read(one[:])
	switch {
	case n > 0:
		return wrong{fmt.Errorf("byte %#x behind the last", one[0])}
	case isEnd(err):
		return nil
	}
	return cutAt(err, -1)
}

func cutAt(err error, at int64) error {
	if isEnd(err) {
		err = errCut
	}
	return fmt.Errorf("at byte %d: %w", at, err)
}

// send writes parts in the background, then ends the stream if the plan says so.
func (c *client) send(parts [][]byte, p plan) {
	go func() {
		var err error
		sent := int64(0)
		for _, part := range parts {
			if !c.wait(sent, int64(len(part))) {
				break
			}
			if _, err = c.Write(part); err != nil {
				break
			}
			sent += int64(len(part))
		}
		if err == nil && p == halfClose {
			err = c.CloseWrite()
		}
		c.written <- err
	}()
}

// ahead is how many bytes a client with small buffers sends before they have come back, unless a message alone is larger: less than the
// 32 KiB of waiting output at which servers read again (channel.Watermark). A server that leaves input unread because its output
// waits, both in sockets of 4 KiB, hangs until TCP gives up, whatever it is made of: the kernel has then advertised less of a window than it
// had before, and takes no acknowledgement from segments beyond it. (A server of Go's package net with a goroutine per connection
// does too.)
const ahead = 24 << 10

// wait waits until n more bytes may be sent, and tells whether the session goes on.
func (c *client) wait(sent, n int64) bool {
	for c.small {
		if out := sent - c.back.Load(); out == 0 || out+n <= ahead {
			break
		}
		select {
		case <-c.moved:
		case <-c.over:
			return false
		}
	}
	return true
}

// came counts bytes that have come, and were right.
func (c *client) came(n int) {
	c.bytes += int64(n)
	c.back.Add(int64(n))
	select {
	case c.moved <- struct{}{}:
	default:
	}
}
