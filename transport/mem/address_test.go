package mem_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"syscall"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/mem"
)

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		network, listen    string
		addr               string // what the listener says; empty if it is given out
		dialNetwork, dial  string
		refused, forbidden bool // the dial; the listening
	}{
		{network: "tcp", listen: "127.0.0.1:80", addr: "127.0.0.1:80", dial: "127.0.0.1:80"},
		{network: "tcp", listen: "127.0.0.1:80", addr: "127.0.0.1:80", dial: "localhost:http"},
		{network: "tcp", listen: "localhost:http", addr: "127.0.0.1:80", dial: ":80"},
		{network: "tcp", listen: ":80", addr: "[::]:80", dial: "127.0.0.1:80"},
		{network: "tcp", listen: ":80", addr: "[::]:80", dial: "[::1]:80"},
		{network: "tcp", listen: ":80", addr: "[::]:80", dial: "192.0.2.7:80"},
		{network: "tcp", listen: ":80", addr: "[::]:80", dial: "0.0.0.0:80"},
		{network: "tcp", listen: "0.0.0.0:80", addr: "0.0.0.0:80", dial: "192.0.2.7:80"},
		{network: "tcp", listen: "0.0.0.0:80", addr: "0.0.0.0:80", dial: "[::1]:80", refused: true},
		{network: "tcp4", listen: ":80", addr: "0.0.0.0:80", dial: "127.0.0.1:80"},
		{network: "tcp4", listen: ":80", addr: "0.0.0.0:80", dial: "[::1]:80", refused: true},
		{network: "tcp6", listen: ":80", addr: "[::]:80", dialNetwork: "tcp6", dial: "localhost:80"},
		{network: "tcp6", listen: "127.0.0.1:80", forbidden: true},
		{network: "tcp4", listen: "[::1]:80", forbidden: true},
		{network: "tcp", listen: "127.0.0.1:80", addr: "127.0.0.1:80", dial: "127.0.0.2:80", refused: true},
		{network: "tcp", listen: "127.0.0.1:80", addr: "127.0.0.1:80", dial: "127.0.0.1:81", refused: true},
		{network: "tcp", listen: "127.0.0.1:80", addr: "127.0.0.1:80", dial: "127.0.0.1:0", refused: true},
		{network: "tcp", listen: "127.0.0.1:0", dial: ""},
		{network: "tcp", listen: "192.0.2.1:80", addr: "192.0.2.1:80", dial: "192.0.2.1:80"},
		{network: "tcp", listen: "example.org:80", forbidden: true},
		{network: "tcp", listen: "80", forbidden: true},
		{network: "tcp", listen: ":123456", forbidden: true},
		{network: "mem", listen: "any name", addr: "any name", dial: "any name"},
		{network: "mem", listen: "", dial: ""},
		{network: "mem", listen: "a", addr: "a", dial: "b", refused: true},
		{network: "mem", listen: "a", addr: "a", dialNetwork: "unix", dial: "a", refused: true},
		{network: "unix", listen: "/run/x", addr: "/run/x", dial: "/run/x"},
		{network: "udp", listen: ":80", forbidden: true},
	} {
		n := new(mem.Network)
		ln, err := n.Listen(c.network, c.listen)
		if (err != nil) != c.forbidden {
			t.Errorf("Listen(%q, %q): %v", c.network, c.listen, err)
		}
		if err != nil {
			continue
		}
		if c.addr != "" && ln.Addr().String() != c.addr {
			t.Errorf("Listen(%q, %q) is at %s, want %s", c.network, c.listen, ln.Addr(), c.addr)
		}
		if c.dialNetwork == "" {
			c.dialNetwork = c.network[:3]
			if c.network == "unix" {
				c.dialNetwork = "unix"
			}
		}
		if c.dial == "" {
			c.dial = ln.Addr().String()
		}
		d, err := n.Dial(c.dialNetwork, c.dial)
		if errors.Is(err, syscall.ECONNREFUSED) != c.refused || !c.refused && err != nil {
			t.Errorf("%s is listened on; Dial(%q, %q): %v", ln.Addr(), c.dialNetwork, c.dial, err)
		}
		if err == nil {
			a, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if a.RemoteAddr().String() != d.LocalAddr().String() || a.LocalAddr().String() != d.RemoteAddr().String() {
				t.Errorf("%v -> %v is %v -> %v on the other side", d.LocalAddr(), d.RemoteAddr(), a.RemoteAddr(), a.LocalAddr())
			}
			a.Close()
			d.Close()
		}
		ln.Close()
		if _, err := n.Dial(c.dialNetwork, c.dial); err == nil {
			t.Errorf("Dial(%q, %q) after Close: no error", c.dialNetwork, c.dial)
		}
	}
}

func TestAddressInUse(t *testing.T) {
	n := new(mem.Network)
	for _, c := range []struct {
		network, addr string
		free          bool
	}{
		{"tcp", "127.0.0.1:80", true},
		{"tcp", "127.0.0.2:80", true},
		{"tcp", "127.0.0.1:80", false},
		{"tcp", ":80", false},
		{"tcp4", ":80", false},
		{"tcp6", ":81", true},
		{"tcp", ":81", false},
		{"mem", "a", true},
		{"mem", "a", false},
		{"unix", "a", true},
	} {
		ln, err := n.Listen(c.network, c.addr)
		if free := err == nil; free != c.free || !free && !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("Listen(%q, %q): %v", c.network, c.addr, err)
		}
		if err == nil {
			defer ln.Close()
		}
	}
}

// Two groups on a network meet; networks are separate worlds; groups of the zero engine share one.
func TestNetworks(t *testing.T) {
	one, two := new(mem.Network), new(mem.Network)
	g1, g2 := start(t, one, 1), start(t, one, 1)
	ln := listen(t, g1, "tcp", ":80", echo)
	opened := make(chan struct{})
	dialChannel(t, g2, ln.Addr(), &sink{open: func(*sink) error { close(opened); return nil }})
	<-opened
	if _, err := two.Dial("tcp", ":80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("Dial on another network: %v, want ECONNREFUSED", err)
	}
	ln = listen(t, start(t, nil, 1), "mem", "", echo)
	c := dialPlain(t, mem.Default, ln.Addr())
	send(t, c, "ping")
	want(t, c, "ping")
	dialChannel(t, start(t, nil, 1), ln.Addr(), new(sink))
}

func TestCapabilities(t *testing.T) {
	c := mem.Engine{}.Capabilities()
	if mem.Engine.String(mem.Engine{}) != "mem" || c.Sendfile || c.SocketOptions || !c.ExactPause || !c.Reset || !c.HalfClose {
		t.Errorf("%+v", c)
	}
	g := start(t, new(mem.Network), 1)
	for _, network := range c.Networks {
		addr := ":0"
		if !slices.Contains([]string{"tcp", "tcp4", "tcp6"}, network) {
			addr = "name"
		}
		ln := listen(t, g, network, addr, echo)
		if _, err := g.Dial(context.Background(), engine.DialConfig{
			Network: network, Addr: ln.Addr().String(), Options: channel.Options{}.Prepare(),
			Open: func(*channel.Channel) channel.Sink { return new(sink) },
		}); err != nil {
			t.Errorf("%s: %v", network, err)
		}
	}
	if _, err := (mem.Engine{}).Start(engine.Config{Loops: 1 << 20}); err == nil {
		t.Error("a million loops: no error")
	}
	var op *net.OpError
	if _, err := g.Listen(context.Background(), engine.ListenConfig{Network: "tcp", Addr: "nowhere:80"}); !errors.As(err, &op) {
		t.Errorf("Listen: %v, want an OpError", err)
	}
}
