package static

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// A cache keeps files open, up to a number of them, and none for long that nobody asks for: a file that was removed takes its
// space on the disk until it is closed. It is shared by all loops: one descriptor serves all, and a lock that is held for
// some ten nanoseconds is nothing beside the calls of a request. Large caches are cut into shards by path, so that loops do
// not meet at one lock. Files are closed outside of the locks.
type cache struct {
	shards []shard
	seed   maphash.Seed
	idle   time.Duration // how long a file stays that nobody asks for, up to twice this; negative: for ever
	sweeps atomic.Bool   // a sweep is due
}

// A shard is a map and a list of its entries, the one that was used last first.
type shard struct {
	mu             sync.Mutex
	entries        map[string]*entry
	newest, oldest *entry
	max            int
	closed         bool
	Stats
	_ [64]byte // shards do not share a cache line
}

// Stats counts what a Files has done since it was opened.
type Stats struct {
	Open    int    // files that are kept open now
	Hits    uint64 // requests for a file that was open already, and had not changed
	Looks   uint64 // of these, how many have looked at the path: the first in a turn of a loop
	Misses  uint64 // files that were opened
	Changed uint64 // open files that were dropped because their path had become something else
	Evicted uint64 // open files that were closed to make room, or because nobody has asked for them

	// Calls are the system calls that look at paths, open files and copy small ones. Those that send them are counted by the
	// engine. Those of other threads are not counted: for lists of directories, direct I/O, and what closes files.
	Calls uint64
}

const (
	maxShards = 16
	perShard  = 64 // of this many entries another shard is worth it
)

func newCache(max int, idle time.Duration) *cache {
	n := min(max/perShard, maxShards)
	n = 1 << log2(n)
	c := &cache{shards: make([]shard, n), seed: maphash.MakeSeed(), idle: idle}
	for i := range c.shards {
		c.shards[i].entries = make(map[string]*entry)
		c.shards[i].max = max / n
	}
	return c
}

// log2 returns the logarithm of n rounded down, 0 for less than 1.
func log2(n int) int {
	l := 0
	for ; n > 1; n >>= 1 {
		l++
	}
	return l
}

func (c *cache) shard(path []byte) *shard {
	if len(c.shards) == 1 {
		return &c.shards[0]
	}
	return c.shardOf(maphash.Bytes(c.seed, path))
}

func (c *cache) shardOf(hash uint64) *shard { return &c.shards[hash&uint64(len(c.shards)-1)] }

// get returns the entry of a path, and a File of its own for the caller, or nil; and whether it was confirmed in this turn of the
// loop.
func (c *cache) get(path []byte, l *channel.Loop) (e *entry, f *channel.File, fresh bool) {
	s := c.shard(path)
	s.mu.Lock()
	e = s.entries[string(path)]
	if e == nil {
		s.mu.Unlock()
		return nil, nil, false
	}
	if s.newest != e {
		s.unlink(e)
		s.link(e)
	}
	s.Hits++
	e.used = true
	f = e.file.Clone()
	fresh = l != nil && e.loop == l && e.turn == l.Turns()
	s.mu.Unlock()
	return e, f, fresh
}

// confirm says that the path of an entry was found to mean its file, in this turn of the loop.
func (c *cache) confirm(e *entry, l *channel.Loop) {
	s := c.shardOf(maphash.String(c.seed, e.path))
	s.mu.Lock()
	s.Looks++
	e.loop, e.turn = l, l.Turns()
	s.mu.Unlock()
}

// put adds an entry for a path, in place of the one that it may have. It owns the file of the entry.
func (c *cache) put(e *entry) {
	s := c.shard([]byte(e.path))
	var out [3]*channel.File
	s.mu.Lock()
	s.Misses++
	out[0] = s.remove(s.entries[e.path])
	if s.max <= 0 || s.closed {
		out[1] = e.file
	} else {
		if len(s.entries) >= s.max {
			s.Evicted++
			out[2] = s.remove(s.oldest)
		}
		s.entries[e.path] = e
		s.link(e)
	}
	s.mu.Unlock()
	release(out[:])
	c.sweepLater()
}

// drop removes an entry that is not true any more, which get has returned.
func (c *cache) drop(e *entry) {
	s := c.shard([]byte(e.path))
	var out [1]*channel.File
	s.mu.Lock()
	s.Hits--
	if s.entries[e.path] == e {
		s.Changed++
		out[0] = s.remove(e)
	}
	s.mu.Unlock()
	release(out[:])
}

// shed closes half of what is open: descriptors are short.
func (c *cache) shed() {
	c.each(func(s *shard) (out []*channel.File) {
		for range (len(s.entries) + 1) / 2 {
			s.Evicted++
			out = append(out, s.remove(s.oldest))
		}
		return out
	})
}

// sweepLater has sweep called, unless it will be.
func (c *cache) sweepLater() {
	if c.idle > 0 && c.sweeps.CompareAndSwap(false, true) {
		time.AfterFunc(c.idle, c.sweep)
	}
}

// sweep closes what was not used since the sweep before.
func (c *cache) sweep() {
	c.sweeps.Store(false)
	left := 0
	c.each(func(s *shard) (out []*channel.File) {
		for e := s.oldest; e != nil; {
			one := e
			if e = e.newer; one.used {
				one.used = false
				continue
			}
			s.Evicted++
			out = append(out, s.remove(one))
		}
		left += len(s.entries)
		return out
	})
	if left > 0 {
		c.sweepLater()
	}
}

// close drops everything, and what is put later.
func (c *cache) close() {
	c.each(func(s *shard) (out []*channel.File) {
		s.closed = true
		for s.oldest != nil {
			out = append(out, s.remove(s.oldest))
		}
		return out
	})
}

// each calls f with each shard, under its lock, and releases what it returns.
func (c *cache) each(f func(*shard) []*channel.File) {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		out := f(s)
		s.mu.Unlock()
		release(out)
	}
}

func release(files []*channel.File) {
	for _, f := range files {
		if f != nil {
			f.Release()
		}
	}
}

// stats adds up those of the shards.
func (c *cache) stats() (all Stats) {
	c.each(func(s *shard) []*channel.File {
		all.Open += len(s.entries)
		all.Hits += s.Hits
		all.Looks += s.Looks
		all.Misses += s.Misses
		all.Changed += s.Changed
		all.Evicted += s.Evicted
		return nil
	})
	return all
}

// remove takes an entry out and returns its file. Of no entry there is none.
func (s *shard) remove(e *entry) *channel.File {
	if e == nil {
		return nil
	}
	delete(s.entries, e.path)
	s.unlink(e)
	return e.file
}

func (s *shard) link(e *entry) {
	e.older = s.newest
	if s.newest != nil {
		s.newest.newer = e
	} else {
		s.oldest = e
	}
	s.newest = e
}

func (s *shard) unlink(e *entry) {
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		s.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		s.oldest = e.newer
	}
	e.newer, e.older = nil, nil
}
