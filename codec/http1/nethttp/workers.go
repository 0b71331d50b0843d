package nethttp

import (
	"sync"
	"time"
)

// idleFor is how long a worker waits for work, up to twice that.
const idleFor = 5 * time.Second

// workers are the goroutines that handlers run on. One that has nothing to do is kept for a while: its stack has grown to
// what handlers need.
type workers struct {
	limit int // of running; negative means none

	mu      sync.Mutex
	running int
	idle    []chan *response // the one that was used last is at the end
	fewest  int              // that were idle since the last look
	looking bool
	first   *response // that wait for a worker, in order
	last    *response
}

// submit has a request served, when it is its turn.
func (s *workers) submit(w *response) {
	s.mu.Lock()
	if s.limit >= 0 && s.running >= s.limit {
		if s.first == nil {
			s.first = w
		} else {
			s.last.next = w
		}
		s.last = w
		s.mu.Unlock()
		return
	}
	s.running++
	s.start(w)
}

// start gives a request to a worker that is idle, or a new one. It unlocks.
func (s *workers) start(w *response) {
	n := len(s.idle) - 1
	if n < 0 {
		s.mu.Unlock()
		go s.work(w)
		return
	}
	worker := s.idle[n]
	s.idle[n] = nil
	s.idle = s.idle[:n]
	s.fewest = min(s.fewest, n)
	s.mu.Unlock()
	worker <- w
}

// work is a worker.
func (s *workers) work(w *response) {
	self := make(chan *response, 1)
	for w != nil {
		if !s.serve(w) {
			return
		}
		if w = s.rest(self); w == nil {
			w = <-self
		}
	}
}

// serve serves a request and tells whether the worker goes on. If a handler ends the goroutine, its place goes to another one.
func (s *workers) serve(w *response) bool {
	exits := true
	defer func() {
		if exits && !w.hijacked {
			s.leave()
		}
	}()
	w.serve()
	exits = false
	return !w.hijacked // such a handler has left its place before
}

// turn returns the request that waits longest, nil if there is none: then one less is running. The lock is held.
func (s *workers) turn() *response {
	w := s.first
	if w == nil {
		s.running--
		return nil
	}
	s.first, w.next = w.next, nil
	return w
}

// leave gives up the place of a handler that goes on, to the next one that waits.
func (s *workers) leave() {
	s.mu.Lock()
	if w := s.turn(); w != nil {
		s.start(w)
		return
	}
	s.mu.Unlock()
}

// rest returns the next request for a worker that has served one, or makes it idle.
func (s *workers) rest(self chan *response) *response {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.turn()
	if w == nil {
		s.idle = append(s.idle, self)
		if !s.looking {
			s.looking, s.fewest = true, 0
			time.AfterFunc(idleFor, s.look)
		}
	}
	return w
}

// look ends the workers that were not needed since the last look.
func (s *workers) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, worker := range s.idle[:s.fewest] {
		close(worker)
	}
	left := copy(s.idle, s.idle[s.fewest:])
	clear(s.idle[left:])
	s.idle, s.fewest = s.idle[:left], left
	if s.looking = left > 0; s.looking {
		time.AfterFunc(idleFor, s.look)
	}
}
