package channel

import "sync"

// Workers run what waits for disks, eight jobs at a time at most, on goroutines that end when nothing is left. Others wait in line:
// whoever uses them has one job under way for each connection, so that the line is no longer than that. The zero value is ready.
type Workers struct {
	mu      sync.Mutex
	jobs    []func()
	at      int // the next of them
	running int
	loop    func() // work, so that a worker costs no closure
}

// MaxWorkers is how many jobs one Workers runs at a time.
const MaxWorkers = 8

// sharedWorkers are those of a Direct that was not given any.
var sharedWorkers Workers

// Do has job called soon, on another goroutine. It may be called by any.
func (w *Workers) Do(job func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.jobs = append(w.jobs, job)
	if w.running < MaxWorkers {
		w.running++
		if w.loop == nil {
			w.loop = w.work
		}
		go w.loop()
	}
}

func (w *Workers) work() {
	for {
		job := w.next()
		if job == nil {
			return
		}
		job()
	}
}

// next returns the next job. If there is none it returns nil, and the worker ends.
func (w *Workers) next() func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at == len(w.jobs) {
		w.running--
		const keep = 64
		if w.at = 0; cap(w.jobs) > keep {
			w.jobs = nil
		} else {
			w.jobs = w.jobs[:0]
		}
		return nil
	}
	job := w.jobs[w.at]
	w.jobs[w.at] = nil
	if w.at++; w.at > len(w.jobs)/2 { // what is done makes room
		n := copy(w.jobs, w.jobs[w.at:])
		clear(w.jobs[n:])
		w.jobs, w.at = w.jobs[:n], 0
	}
	return job
}
