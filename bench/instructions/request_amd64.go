package main

import (
	"runtime"
	"unsafe"
)

// Client requests, from valgrind.h and callgrind.h.
const (
	runningOnValgrind = 0x1001
	toggleCollect     = 'C'<<24 | 'T'<<16 | 2
	dumpStatsAt       = 'C'<<24 | 'T'<<16 | 3
)

// request makes a client request: its number and up to five arguments. Without valgrind it does nothing and returns 0.
//
//go:noescape
func request(args *[6]uint64) uint64

func underValgrind() bool { return request(&[6]uint64{runningOnValgrind}) != 0 }

// toggle begins or ends the counting of the calling thread's instructions.
func toggle() { request(&[6]uint64{toggleCollect}) }

// dump writes what was counted since the last dump to a file, with a name for it.
func dump(name string) {
	p := append([]byte(name), 0)
	request(&[6]uint64{dumpStatsAt, uint64(uintptr(unsafe.Pointer(&p[0])))})
	runtime.KeepAlive(p)
}
