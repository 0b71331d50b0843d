package main

import (
	"strings"

	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// A program is what is built once and serves any number of rows.
type program struct {
	name string
	c    []string // sources, of a program in C; others are Go packages in peers
}

var programs = []program{
	{"c-echo", []string{"echo.c"}}, {"c-frames", []string{"frames.c"}}, {"c-uring", []string{"uring.c"}}, {"c-http", []string{"http.c"}}, {"c-fan", []string{"fan.c"}},
	{"ropewalk", nil}, {"ropewalk-web", nil},
	{"std", nil}, {"gnet", nil}, {"netpoll", nil}, {"nbio", nil}, {"evio", nil}, {"gonetty", nil},
	{"fasthttp", nil}, {"nethttp", nil}, {nettyName, nil},
}

// nettyName is built by javac, if there is one.
const nettyName = "netty"

// A server is a column of the result, and how it is started.
type server struct {
	result.Server
	program string                // that must have been built; "" if it is looked for
	argv    func(c call) []string // nil if it cannot do that
}

// A call is what a server is asked to be.
type call struct {
	mode  string // raw, frame, fan, hello or files
	loops string
	root  string // of files
}

// longest is the payload of the longest frame that servers are told to accept.
const longest = "1048576"

func peer(name, what string) server {
	return server{result.Server{Name: name, What: what, Group: result.Go}, name, func(c call) []string {
		if c.web() {
			return nil
		}
		return []string{"-addr", "127.0.0.1:0", "-mode", c.mode, "-max", longest, "-loops", c.loops}
	}}
}

func (c call) web() bool { return c.mode == "hello" || c.mode == "files" }

// ours is a row of ropewalk, on an engine; "" is what it takes itself.
func ours(name, engine, what string) server {
	return server{result.Server{Name: name, What: what, Group: result.Ours}, "ropewalk", func(c call) []string {
		argv := []string{"-addr", "127.0.0.1:0", "-mode", c.mode, "-loops", c.loops, "-engine", engine}
		if c.web() {
			return append(argv, "-root", c.root)
		}
		return append(argv, "-max", longest)
	}}
}

// floor is the row of the least that a server in C must do.
func floor(name, what string) server {
	return server{result.Server{Name: name, What: what, Group: result.Floor}, "c-echo", func(c call) []string {
		switch c.mode {
		case "frame", "fan":
			return []string{"-max", longest}
		case "files":
			return []string{"-root", c.root}
		}
		return []string{}
	}}
}

// servers are all rows, in the order of tables.
var servers = []server{
	floor(result.FloorName, "the floor in C: one epoll loop, no library, no layer"),
	floor(result.FloorName+result.Again, "the same program once more: what this machine cannot tell apart"),
	{result.Server{Name: "c-uring", What: "the same in C on io_uring", Group: result.Floor}, "c-uring", func(c call) []string {
		if c.mode != "raw" && c.mode != "frame" {
			return nil
		}
		return []string{"-buffers", "incremental", "-mode", c.mode, "-max", longest}
	}},
	ours(result.OursName, "", "ropewalk as it comes: on io_uring where the system allows it"),
	ours(result.OursName+result.Again, "", "the same program once more"),
	ours("ropewalk-epoll", "epoll", "ropewalk on epoll"),
	ours("ropewalk-std", "std", "ropewalk on package net"),
	ours("ropewalk-gnet", "gnet", "ropewalk on gnet"),
	peer("std", "Go's package net, a goroutine for each connection"),
	peer("gnet", "gnet v2.10.0"),
	peer("netpoll", "CloudWeGo netpoll v0.7.2"),
	peer("nbio", "nbio v1.6.12"),
	peer("evio", "evio v1.0.8"),
	peer("gonetty", "go-netty v1.6.7"),
	{result.Server{Name: nettyName, What: "Netty 4.1 on NIO, in a JVM", Group: result.Java}, nettyName, func(c call) []string {
		if c.web() {
			return nil
		}
		return []string{"-addr", "127.0.0.1:0", "-mode", c.mode, "-max", longest, "-loops", c.loops}
	}},
	webPeer("fasthttp", "fasthttp v1.65.0", "hello"),
	webPeer("nethttp", "Go's net/http", "hello", "files"),
	{result.Server{Name: "nginx", What: "nginx, one process", Group: result.C}, "", func(c call) []string {
		if !c.web() {
			return nil
		}
		return []string{}
	}},
}

func webPeer(name, what string, modes ...string) server {
	return server{result.Server{Name: name, What: what, Group: result.Go}, name, func(c call) []string {
		for _, m := range modes {
			switch {
			case m != c.mode:
			case m == "files":
				return []string{"-mode", m, "-root", c.root}
			default:
				return []string{}
			}
		}
		return nil
	}}
}

// programFor is the program of a server for what it is asked to be.
func (s server) programFor(c call) string {
	switch {
	case s.program == "c-echo" && c.mode == "frame":
		return "c-frames"
	case s.program == "c-echo" && c.mode == "fan":
		return "c-fan"
	case s.program == "c-echo" && c.web():
		return "c-http"
	case s.program == "ropewalk" && c.web():
		return "ropewalk-web"
	}
	return s.program
}

// twin tells whether the row is a second run of another one.
func (s server) twin() bool { return strings.HasSuffix(s.Name, result.Again) }
