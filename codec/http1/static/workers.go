package static

import "sync"

// workers run what waits for disks, a few at a time, on goroutines that end when nothing is left. Others wait in line: at most
// one for each connection.
type workers struct {
	mu      sync.Mutex
	jobs    []func()
	running int
}

const maxWorkers = 8

// do has job called soon.
func (w *workers) do(job func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.jobs = append(w.jobs, job)
	if w.running < maxWorkers {
		w.running++
		go w.work()
	}
}

func (w *workers) work() {
	for {
		w.mu.Lock()
		if len(w.jobs) == 0 {
			w.jobs = nil
			w.running--
			w.mu.Unlock()
			return
		}
		job := w.jobs[0]
		w.jobs[0] = nil
		w.jobs = w.jobs[1:]
		w.mu.Unlock()
		job()
	}
}
