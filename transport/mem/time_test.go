package mem_test

import (
	"context"
	"errors"
	"io"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/mem"
)

const latency = 1_234_567 * time.Nanosecond

// On the clock of a bubble everything takes exactly as long as it should.
func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &mem.Network{Latency: latency}
		g := start(t, n, 2)
		ln := listen(t, g, "tcp", ":80", echo)

		begin := time.Now()
		c := dialPlain(t, n, ln.Addr())
		took(t, "Dial", begin, 2*latency)

		begin = time.Now()
		send(t, c, "one")
		took(t, "Write", begin, 0)
		<-time.After(1)
		send(t, c, "two")
		want(t, c, "one")
		took(t, "an echo", begin, 2*latency)
		want(t, c, "two")
		took(t, "another, sent 1 ns later", begin, 2*latency+1)

		begin = time.Now()
		c.CloseWrite()
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("got %v, want EOF", err)
		}
		took(t, "the end", begin, 2*latency)
	})
}

func TestLatencyBetweenChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &mem.Network{Latency: latency}
		g := start(t, n, 2)
		ln := listen(t, g, "mem", "echo", echo)
		replied := make(chan time.Time, 1)
		s := &sink{read: func(_ *sink, b *buffer.Buf) error {
			b.Release()
			replied <- time.Now()
			return nil
		}}
		begin := time.Now()
		r := dialChannel(t, g, ln.Addr(), s)
		took(t, "Dial", begin, 2*latency)
		for range 3 {
			begin = time.Now()
			r.Do(func(*channel.Channel, error) { s.say("ping") })
			if d := (<-replied).Sub(begin); d != 2*latency {
				t.Errorf("an echo took %v, want %v", d, 2*latency)
			}
		}
	})
}

// A reset takes its time too, and a writer that waits for room learns of it.
func TestLatencyOfReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &mem.Network{Latency: latency}
		g := start(t, n, 1)
		causes := make(chan error, 1)
		ln := listen(t, g, "mem", "mute", func(ch *channel.Channel) channel.Sink {
			return &sink{
				open:   func(s *sink) error { s.ch.SetReading(false); return nil },
				closed: func(_ *sink, err error) { causes <- err },
			}
		})
		c := dialPlain(t, n, ln.Addr())
		begin := time.Now()
		c.Reset()
		if err := <-causes; !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("cause %v, want ECONNRESET", err)
		}
		took(t, "a reset of a channel that does not read", begin, latency)

		var ch channel.Remote
		ln = listen(t, g, "mem", "silent", func(c *channel.Channel) channel.Sink {
			return &sink{open: func(s *sink) error { ch = s.ch.Remote(); s.ch.SetReading(false); return nil }}
		})
		c = dialPlain(t, n, ln.Addr())
		failed := make(chan error, 1)
		go func() {
			_, err := c.Write(make([]byte, 1<<20))
			failed <- err
		}()
		synctest.Wait()
		begin = time.Now()
		ch.Do(func(ch *channel.Channel, _ error) { ch.Abort(nil) })
		if err := <-failed; !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Write: %v, want ECONNRESET", err)
		}
		took(t, "a reset of a writer that waits", begin, latency)
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Read: %v, want ECONNRESET", err)
		}
	})
}

// Deadlines and contexts are exact as well.
func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(mem.Network)
		g := start(t, n, 1)
		ln := listen(t, g, "mem", "mute", func(*channel.Channel) channel.Sink {
			return &sink{open: func(s *sink) error { s.ch.SetReading(false); return nil }}
		})
		c := dialPlain(t, n, ln.Addr())
		timedOut := func(what string, d time.Duration, f func() error) {
			t.Helper()
			begin := time.Now()
			c.SetDeadline(begin.Add(d))
			err := f()
			var ne interface{ Timeout() bool }
			if !errors.As(err, &ne) || !ne.Timeout() {
				t.Errorf("%s: %v, want a timeout", what, err)
			}
			took(t, what, begin, max(d, 0))
		}
		read := func() error { _, err := c.Read(make([]byte, 1)); return err }
		write := func() error { _, err := c.Write(make([]byte, 1<<20)); return err }
		timedOut("Read", time.Minute, read)
		timedOut("Read again", 5, read)
		timedOut("Read with a deadline in the past", -5, read)
		timedOut("Write", time.Hour, write)
		timedOut("Write with a deadline in the past", -5, write)

		// One that is put off while somebody waits holds for the wait.
		begin := time.Now()
		c.SetReadDeadline(begin.Add(time.Second))
		time.AfterFunc(time.Second/2, func() { c.SetReadDeadline(begin.Add(3 * time.Second)) })
		read()
		took(t, "a deadline that was put off", begin, 3*time.Second)

		full, err := n.Listen("mem", "full")
		if err != nil {
			t.Fatal(err)
		}
		defer full.Close()
		full.(*mem.Listener).SetBacklog(0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin = time.Now()
		if _, err = n.DialContext(ctx, "mem", "full"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Dial: %v, want DeadlineExceeded", err)
		}
		took(t, "Dial of a host that does not answer", begin, time.Minute)
		time.AfterFunc(time.Second, func() { full.(*mem.Listener).SetBacklog(1) })
		begin = time.Now()
		c2, err := n.Dial("mem", "full")
		if err != nil {
			t.Fatal(err)
		}
		took(t, "Dial of one that answers later", begin, time.Second)
		c2.Close()
	})
}

// A channel that pauses while input is on its way to it is told of a reset that follows, when that is there.
func TestResetBehindInputWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &mem.Network{Latency: 10 * time.Millisecond}
		g := start(t, n, 1)
		opened, closed := make(chan channel.Remote, 1), make(chan error, 1)
		ln := listen(t, g, "mem", "", func(*channel.Channel) channel.Sink {
			return &sink{
				open:   func(s *sink) error { opened <- s.ch.Remote(); return nil },
				closed: func(_ *sink, cause error) { closed <- cause },
			}
		})
		c := dialPlain(t, n, ln.Addr())
		r := <-opened
		begin := time.Now()
		if _, err := io.WriteString(c, "on its way"); err != nil {
			t.Fatal(err)
		}
		<-time.After(3 * time.Millisecond)
		r.Do(func(ch *channel.Channel, _ error) { ch.SetReading(false) })
		<-time.After(3 * time.Millisecond)
		c.Reset()
		select {
		case cause := <-closed:
			if took := time.Since(begin); !errors.Is(cause, syscall.ECONNRESET) || took != 16*time.Millisecond {
				t.Errorf("closed after %v with %v, want a reset after 16 ms", took, cause)
			}
		case <-time.After(time.Hour):
			t.Error("nobody has told the channel of the reset")
			r.Close(nil)
		}
		g.Close()
	})
}
