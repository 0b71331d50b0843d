//go:build linux || darwin

package gnet

import (
	"bytes"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// A connection that leaves gnet because it does not read, and comes back, loses nothing: neither bytes nor options of its socket.
func TestLeavesAndComesBack(t *testing.T) {
	for _, o := range []engine.SocketOptions{{}, {Delay: true, KeepAlive: 40 * time.Second}, {KeepAlive: -1}} {
		p, s := pair(t, start(t, Engine{ReadAhead: 64 << 10}), o)
		var before []option
		s.do(t, func(c *conn) { before = optionsOf(c.fd, true) })
		data := pattern(5 << 20)
		got := make(chan []byte, 1)
		go func() {
			all := make([]byte, 3*len(data))
			n, _ := io.ReadFull(p, all)
			got <- all[:n]
		}()
		for range 3 {
			s.do(t, func(c *conn) { c.Channel.SetReading(false) })
			sent := make(chan error, 1)
			go func() {
				_, err := p.Write(data)
				sent <- err
			}()
			apart := false
			eventually(t, "the connection to leave gnet", func() bool {
				s.do(t, func(c *conn) {
					apart = c.gc == nil
					if n := c.buffered(); n > 64<<10+64<<10 { // the bound, and one read
						t.Errorf("%d bytes were read ahead", n)
					}
				})
				return apart
			})
			s.do(t, func(c *conn) {
				if now := optionsOf(c.fd, true); !slices.Equal(now, before) {
					t.Errorf("apart: options %v, want %v", now, before)
				}
				c.Channel.SetReading(true)
			})
			eventually(t, "the connection to be back", func() bool {
				s.do(t, func(c *conn) { apart = c.gc == nil })
				return !apart
			})
			s.do(t, func(c *conn) {
				if now := optionsOf(c.fd, true); !slices.Equal(now, before) {
					t.Errorf("back: options %v, want %v", now, before)
				}
			})
			if err := await(t, "the peer to have sent all", sent); err != nil {
				t.Fatal(err)
			}
		}
		if all := await(t, "the echo", got); !bytes.Equal(all, slices.Repeat(data, 3)) {
			t.Errorf("the peer got %d bytes back, not what it had sent", len(all))
		}
	}
}

// A channel that is closed while its connection is apart, or on its way back, is gone, and so are its descriptors: start looks for
// what is left.
func TestClosedApart(t *testing.T) {
	for name, closing := range map[string]func(*conn){
		"apart":    func(c *conn) { c.Abort(nil) },
		"comeback": func(c *conn) { c.Channel.SetReading(true); c.Loop().Do(func(error) { c.Abort(nil) }) },
		"in order": func(c *conn) { c.Channel.Close(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			g := start(t, Engine{})
			p, s := pair(t, g, engine.SocketOptions{})
			s.do(t, func(c *conn) { c.Channel.SetReading(false) })
			go p.Write(make([]byte, 20<<20))
			eventually(t, "the connection to leave gnet", func() bool {
				apart := false
				s.do(t, func(c *conn) { apart = c.gc == nil })
				return apart
			})
			s.do(t, closing)
			if name == "in order" {
				io.Copy(io.Discard, p) // the end; the peer is still sending
				p.Close()
			}
			await(t, "Closed", s.closed)
		})
	}
}

// What is written while the peer takes nothing waits with us, not with gnet.
func TestGnetHoldsNoOutput(t *testing.T) {
	p, s := pair(t, start(t, Engine{}), engine.SocketOptions{})
	s.do(t, func(c *conn) {
		b := c.Alloc(12 << 20)
		b.Write(make([]byte, 12<<20))
		c.Write(b)
	})
	s.do(t, func(c *conn) {
		if c.Queued() == 0 || c.flags&waiting == 0 {
			t.Errorf("%d bytes are queued, waiting: %v", c.Queued(), c.flags&waiting != 0)
		}
		if n := c.gc.OutboundBuffered(); n != 0 {
			t.Errorf("gnet holds %d bytes of output", n)
		}
		c.Channel.Close(nil)
	})
	if n, err := io.Copy(io.Discard, p); n != 12<<20 || err != nil {
		t.Errorf("the peer got %d bytes, and %v", n, err)
	}
	p.Close()
	if err := await(t, "Closed", s.closed); err != nil {
		t.Error(err)
	}
}

// A half-open channel goes on after gnet has closed the connection.
func TestHalfOpenWithoutGnet(t *testing.T) {
	p, s := pair(t, start(t, Engine{}), engine.SocketOptions{})
	s.do(t, func(*conn) { s.onEOF = func(s *sink) error { s.ch.KeepOpen(); return nil } })
	p.CloseWrite()
	eventually(t, "gnet to give the connection up", func() bool {
		apart := false
		s.do(t, func(c *conn) { apart = c.gc == nil })
		return apart
	})
	s.do(t, func(c *conn) {
		b := c.Alloc(4)
		b.PutString("late")
		c.Write(b)
		c.Channel.CloseWrite()
	})
	if got, err := io.ReadAll(p); string(got) != "late" || err != nil {
		t.Errorf("the peer got %q, and %v", got, err)
	}
	if err := await(t, "Closed", s.closed); err != nil {
		t.Error(err)
	}
}
