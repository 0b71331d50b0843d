// Command peer echoes packets as a program does that is written by hand: with net.UDPConn, or on gnet.
//
//	peer -mode net|gnet -addr 127.0.0.1:0
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"

	"github.com/panjf2000/gnet/v2"
)

func main() {
	mode := flag.String("mode", "net", "net or gnet")
	addr := flag.String("addr", "127.0.0.1:0", "address to receive at")
	flag.Parse()
	if *mode == "gnet" {
		log.Fatal(serveGnet(*addr))
	}
	log.Fatal(serveNet(*addr))
}

// serveNet is the least that package net can do: no allocation, and one call each to receive and to send.
func serveNet(addr string) error {
	a, err := net.ResolveUDPAddr("udp4", addr)
	if err != nil {
		return err
	}
	c, err := net.ListenUDP("udp4", a)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "listening on", c.LocalAddr())
	buf := make([]byte, 1<<16)
	for {
		n, from, err := c.ReadFromUDPAddrPort(buf)
		if err != nil {
			return err
		}
		c.WriteToUDPAddrPort(buf[:n], from)
	}
}

type echo struct {
	gnet.BuiltinEventEngine
	addr string
}

func (e *echo) OnBoot(gnet.Engine) gnet.Action {
	fmt.Fprintln(os.Stderr, "listening on", e.addr)
	return gnet.None
}

func (e *echo) OnTraffic(c gnet.Conn) gnet.Action {
	p, _ := c.Next(-1)
	c.Write(p)
	return gnet.None
}

func serveGnet(addr string) error {
	if addr == "127.0.0.1:0" { // gnet does not tell which port it has got
		c, err := net.ListenPacket("udp4", addr)
		if err != nil {
			return err
		}
		addr = c.LocalAddr().String()
		c.Close()
	}
	return gnet.Run(&echo{addr: addr}, "udp4://"+addr, gnet.WithNumEventLoop(1), gnet.WithLockOSThread(true))
}
