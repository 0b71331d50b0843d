package mem_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/mem"
)

// stand has a loop stand still until goOn is called.
func stand(l *channel.Loop) (goOn func()) {
	standing, release := make(chan struct{}), make(chan struct{})
	l.Do(func(error) {
		close(standing)
		<-release
	})
	<-standing
	return func() { close(release) }
}

// A listener that closes accepts more than it does in a turn, though some of these panic while their sinks are made.
func TestStopSurvivesPanics(t *testing.T) {
	const turn, conns = 64, 100
	bad := func(i int) bool { return i >= turn && i%3 == 0 } // those before are accepted in a turn, not by Close
	synctest.Test(t, func(t *testing.T) {
		n := new(mem.Network)
		g := start(t, n, 1)
		made := 0
		ln := listen(t, g, "tcp", ":80", func(ch *channel.Channel) channel.Sink {
			i := made
			if made++; bad(i) {
				panic("boom")
			}
			return echo(ch)
		})
		goOn := stand(g.Loops()[0])
		var peers []*mem.Conn
		for range conns {
			peers = append(peers, dialPlain(t, n, ln.Addr()))
		}
		closed := make(chan error, 1)
		go func() { closed <- ln.Close() }()
		synctest.Wait() // it waits for the loop
		goOn()
		select {
		case err := <-closed:
			if err != nil {
				t.Errorf("Close: %v", err)
			}
		case <-time.After(time.Minute):
			t.Fatal("Close does not return")
		}
		for i, c := range peers {
			if !bad(i) {
				send(t, c, "ping")
				want(t, c, "ping")
			} else if _, err := c.Read(make([]byte, 1)); err == nil {
				t.Errorf("connection %d is served though it has no sink", i)
			}
		}
	})
}

// While a listener is being closed for who closed the group first, nobody else ends the loops.
func TestCloseTwiceKeepsLoops(t *testing.T) {
	n := new(mem.Network)
	g := start(t, n, 2)
	ln := listen(t, g, "tcp", ":80", echo) // on the first loop
	goOn := stand(g.Loops()[0])
	c := dialPlain(t, n, ln.Addr())
	begun := make(chan struct{})
	closed := make(chan error, 2)
	for range 2 {
		go func() { begun <- struct{}{}; closed <- g.Close() }()
		<-begun
	}
	for i := range 1000 {
		ran := make(chan error, 1)
		g.Loops()[1].Do(func(err error) { ran <- err })
		if err := <-ran; err != nil {
			t.Errorf("call %d of the second loop: %v", i, err)
			break
		}
	}
	goOn()
	for range 2 {
		if err := <-closed; err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("a connection is open when Close has returned")
	}
}
