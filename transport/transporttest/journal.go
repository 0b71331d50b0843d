package transporttest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
)

// A journal keeps what an engine logs, and shows it when the case fails.
type journal struct {
	mu      sync.Mutex
	records []slog.Record
}

func newJournal(t *testing.T) *journal {
	j := new(journal)
	t.Cleanup(func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		if !t.Failed() {
			return
		}
		for i, r := range j.records {
			if i == 10 {
				t.Logf("... %d more were logged", len(j.records)-i)
				break
			}
			text := r.Message
			r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
			t.Logf("logged: %s %s", r.Level, text)
		}
	})
	return j
}

func (j *journal) logger() *slog.Logger { return slog.New(j) }

// count returns how many records of a level or a higher one were logged.
func (j *journal) count(level slog.Level) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, r := range j.records {
		if r.Level >= level {
			n++
		}
	}
	return n
}

// Enabled implements slog.Handler, as do the following methods.
func (j *journal) Enabled(context.Context, slog.Level) bool { return true }

func (j *journal) Handle(_ context.Context, r slog.Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records = append(j.records, r)
	return nil
}

func (j *journal) WithAttrs([]slog.Attr) slog.Handler { return j }
func (j *journal) WithGroup(string) slog.Handler      { return j }
