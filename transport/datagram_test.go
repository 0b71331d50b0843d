//go:build linux

package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// packetEcho is a sink that sends back what it gets, and passes on what it is told. A packet "panic" makes it panic.
type packetEcho struct {
	s     *datagram.Socket
	got   chan string
	fails chan error
}

func (e *packetEcho) Open(s *datagram.Socket) error { e.s = s; return nil }
func (e *packetEcho) ReceiveDone() error            { return nil }
func (e *packetEcho) Writable() error               { return nil }
func (e *packetEcho) Closed(error)                  {}

func (e *packetEcho) Failed(_ netip.AddrPort, err error) error {
	e.fails <- err
	return nil
}

func (e *packetEcho) Receive(p datagram.Packet) error {
	if e.got != nil {
		e.got <- p.Data.Text(0, p.Data.Len())
		p.Data.Release()
		return nil
	}
	if p.Data.EqualBytes([]byte("panic")) {
		panic("by the test")
	}
	return e.s.Send(p)
}

func newPacketEcho(*datagram.Socket) datagram.Sink { return new(packetEcho) }

// A server and a client of packets, of their own and on shared loops.
func TestDatagrams(t *testing.T) {
	buffertest.NoLeaks(t)
	ctx := context.Background()
	var log journal
	server := Datagrams{Addr: "127.0.0.1:0", Loops: 2, Accept: newPacketEcho, Logger: log.logger()}
	running, err := server.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if want := "listening on " + running.Addr().String() + " for datagrams"; !strings.Contains(log.String(), want) {
		t.Errorf("the log is %s", &log)
	}
	shared := Datagrams{Addr: "127.0.0.1:0", Group: running.Group(), Accept: newPacketEcho, Logger: log.logger(), Single: true}
	second, err := shared.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n, m := len(running.Remotes()), len(second.Remotes()); n != 2 || m != 1 {
		t.Errorf("%d and %d sockets", n, m)
	}
	client := Client{Logger: log.logger()}
	for _, addr := range []net.Addr{running.Addr(), second.Addr()} {
		sink := &packetEcho{got: make(chan string, 1)}
		remote, err := client.DialDatagrams(ctx, "udp", addr.String(), func(*datagram.Socket) datagram.Sink { return sink }, engine.DatagramOptions{})
		if err != nil {
			t.Fatal(err)
		}
		b := buffer.Default.Alloc(10)
		b.PutString("over " + addr.Network())
		remote.Write(b)
		select {
		case got := <-sink.got:
			if got != "over udp" {
				t.Errorf("got %q", got)
			}
		case <-time.After(patience):
			t.Fatal("no answer")
		}
	}
	if err := client.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := second.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if s := second.Counts(); s.Received != 1 || s.Sent != 1 {
		t.Errorf("counts %+v", s)
	}
	select {
	case <-running.Done():
		t.Error("the server on whose loops another one was is done")
	default:
	}
	if err := running.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if running.Stats().Reads == 0 {
		t.Errorf("stats %+v", running.Stats())
	}
}

// ListenAndServe ends with its context, or when no socket is left.
func TestDatagramsServe(t *testing.T) {
	buffertest.NoLeaks(t)
	for _, fatal := range []bool{false, true} {
		ctx, cancel := context.WithCancel(context.Background())
		addr := make(chan string, 1)
		var log journal
		server := Datagrams{Addr: "127.0.0.1:0", Loops: 1, Logger: log.logger(), Accept: func(s *datagram.Socket) datagram.Sink {
			addr <- s.Local().String()
			return new(packetEcho)
		}}
		ended := make(chan error, 1)
		go func() { ended <- server.ListenAndServe(ctx) }()
		if fatal {
			c, err := net.Dial("udp", <-addr)
			if err != nil {
				t.Fatal(err)
			}
			c.Write([]byte("panic"))
			c.Close()
		} else {
			cancel()
		}
		select {
		case err := <-ended:
			if (err != nil) != fatal || fatal && !strings.Contains(log.String(), "socket for datagrams closed") {
				t.Errorf("ended with %v, log %s", err, &log)
			}
		case <-time.After(patience):
			t.Fatal("ListenAndServe does not end")
		}
		cancel()
	}
}

// What is missing, or cannot be, is told.
func TestDatagramsRefused(t *testing.T) {
	ctx := context.Background()
	if _, err := new(Datagrams).Start(ctx); err != ErrNoAccept {
		t.Errorf("without Accept: %v", err)
	}
	client := new(Client)
	defer client.Close(ctx)
	if _, err := client.DialDatagrams(ctx, "udp", "127.0.0.1:9", nil, engine.DatagramOptions{}); err != ErrNoAccept {
		t.Errorf("without a function: %v", err)
	}
	for _, s := range []Datagrams{{Addr: "no such host.invalid:1"}, {Network: "tcp"}, {Addr: "127.0.0.1:0", Socket: engine.DatagramOptions{MulticastTTL: 300}}} {
		s.Accept, s.Logger = newPacketEcho, new(journal).logger()
		if r, err := s.Start(ctx); err == nil {
			t.Errorf("%+v has started", s)
			r.Shutdown(ctx)
		}
	}
	plain := struct{ engine.Group }{} // an engine without sockets for packets
	s := Datagrams{Accept: newPacketEcho, Group: plain}
	if _, err := s.Start(ctx); !errors.Is(err, engine.ErrUnsupported) {
		t.Errorf("on an engine that has none: %v", err)
	}
	other := Client{Group: plain}
	if _, err := other.DialDatagrams(ctx, "udp", "127.0.0.1:9", newPacketEcho, engine.DatagramOptions{}); !errors.Is(err, engine.ErrUnsupported) {
		t.Errorf("on an engine that has none: %v", err)
	}
}
