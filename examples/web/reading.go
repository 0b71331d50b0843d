package main

import (
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec/http1/static"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// A reading is what all counters say at one moment.
type reading struct {
	at       time.Time
	conns    int
	requests uint64
	calls    engine.Stats
	files    static.Stats
	pool     buffer.Stats
	lag      time.Duration // the worst since the reading before
}

// A sample is what has happened between two readings: a point of each chart. Rates are per second.
type sample struct {
	At       int64    `json:"at"` // milliseconds since 1970
	Conns    int      `json:"conns"`
	Requests float64  `json:"requests"`
	Sendfile float64  `json:"sendfile"` // bytes sent by sendfile
	Writev   float64  `json:"writev"`   // bytes sent by writev and its like
	Copied   float64  `json:"copied"`   // bytes that were moved between buffers
	Calls    *float64 `json:"calls"`    // system calls per request; null if there was none
	Lag      float64  `json:"lag"`      // milliseconds
}

// memory is the pool's, as of the last reading.
type memory struct {
	Held       int64   `json:"held"` // bytes mapped
	Limit      int64   `json:"limit"`
	Large      int     `json:"large"` // blocks beyond 1 MiB, and their bytes
	LargeBytes int64   `json:"largeBytes"`
	Classes    []class `json:"classes"` // that hold memory, by size
}

// class is about blocks of one size.
type class struct {
	Size   int `json:"size"`
	Live   int `json:"live"` // blocks, here and below
	Cached int `json:"cached"`
	Free   int `json:"free"`
}

// since returns what has happened since an earlier reading.
func (r reading) since(before reading) sample {
	seconds := r.at.Sub(before.at).Seconds()
	if seconds <= 0 {
		seconds = 1
	}
	rate := func(now, then uint64) float64 { return float64(now-min(now, then)) / seconds }
	s := sample{
		At:       r.at.UnixMilli(),
		Conns:    r.conns,
		Requests: rate(r.requests, before.requests),
		Sendfile: rate(r.calls.FileBytes, before.calls.FileBytes),
		Writev:   rate(r.calls.WrittenBytes, before.calls.WrittenBytes),
		Copied:   rate(uint64(r.pool.Copied), uint64(before.pool.Copied)),
		Lag:      r.lag.Seconds() * 1000,
	}
	if r.requests > before.requests {
		calls := rate(r.calls.Calls()+r.files.Calls, before.calls.Calls()+before.files.Calls) / s.Requests
		s.Calls = &calls
	}
	return s
}

// memory returns what the reading says of the pool.
func (r reading) memory() memory {
	m := memory{Held: r.pool.Held, Limit: r.pool.Limit, Large: r.pool.Large, LargeBytes: r.pool.LargeBytes, Classes: []class{}}
	for _, c := range r.pool.Classes {
		m.Classes = append(m.Classes, class{c.Size, c.Live, c.Cached, c.Free})
	}
	return m
}
