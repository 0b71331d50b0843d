package harness

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
)

// Runs are the raw measurements of one server in one cell.
type Runs struct {
	Experiment string `json:"experiment"`
	Cell       string `json:"cell"`
	Server     string `json:"server"`
	Rounds     any    `json:"rounds"`
}

// A Report is everything that a benchmark has found.
type Report struct {
	When     time.Time        `json:"when"`
	Machine  string           `json:"machine"`
	Tables   []*figures.Table `json:"tables"`
	Goals    figures.Goals    `json:"goals,omitempty"`
	Runs     []Runs           `json:"runs"`
	Failures []string         `json:"failures,omitempty"`
}

// Begin notes when and where.
func (r *Report) Begin() {
	r.When = time.Now().UTC().Truncate(time.Second)
	r.Machine = Machine()
}

// Add keeps a table, and shows it at once to who watches the progress.
func (r *Report) Add(t *figures.Table) {
	r.Tables = append(r.Tables, t)
	t.Print(os.Stderr)
}

// Keep keeps the rounds that a table was made of.
func Keep[T any](r *Report, experiment, cell string, all []Series[T]) {
	for _, s := range all {
		r.Runs = append(r.Runs, Runs{experiment, cell, s.Kind.Name, s.Runs})
	}
}

// Logf reports progress.
func (r *Report) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// Fail notes something that did not work; the benchmark goes on.
func (r *Report) Fail(format string, args ...any) {
	r.Logf("FAILED: "+format, args...)
	r.Failures = append(r.Failures, fmt.Sprintf(format, args...))
}

// Print writes all tables.
func (r *Report) Print(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, loopback, server on CPU %d, load on CPU %d\n",
		r.When.Format(time.RFC3339), r.Machine, ServerCPU, LoadCPU)
	for _, t := range r.Tables {
		t.Print(w)
	}
	if len(r.Goals) > 0 {
		r.Goals.Table().Print(w)
	}
	for _, f := range r.Failures {
		fmt.Fprintf(w, "\nFAILED: %s\n", f)
	}
}

// End prints everything, saves it if name is not empty, and returns an error if something has failed.
func (r *Report) End(name string) error {
	r.Print(os.Stdout)
	if name != "" {
		if err := figures.Save(name, r); err != nil {
			return err
		}
	}
	if n := len(r.Failures); n > 0 {
		return fmt.Errorf("%d failure(s), listed above", n)
	}
	return nil
}
