package main

import (
	"sync"
	"sync/atomic"

	"github.com/ropewalk/ropewalk/channel"
)

// counts are what a loop has answered. Only the loop adds to them, so that no two processors ever wait for the same line of
// memory; others read.
type counts struct {
	requests atomic.Uint64 // of HTTP, and messages of WebSocket
	_        [56]byte
}

// perLoop are the counts of each loop.
var perLoop = channel.NewLocal(func(*channel.Loop) *counts {
	everyLoop.mu.Lock()
	defer everyLoop.mu.Unlock()
	n := new(counts)
	everyLoop.all = append(everyLoop.all, n)
	return n
})

// everyLoop has the counts of all loops.
var everyLoop struct {
	mu  sync.Mutex
	all []*counts
}

// count counts a request on the channel's loop.
func count(ch *channel.Channel) { perLoop.Of(ch.Loop()).requests.Add(1) }

// requests returns how many were counted on all loops.
func requests() (n uint64) {
	everyLoop.mu.Lock()
	defer everyLoop.mu.Unlock()
	for _, c := range everyLoop.all {
		n += c.requests.Load()
	}
	return n
}
