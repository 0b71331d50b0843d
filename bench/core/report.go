package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// table is a result as it is printed.
type table struct {
	Title   string     `json:"title"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	Notes   []string   `json:"notes,omitempty"`
}

func (t *table) row(cells ...string) { t.Rows = append(t.Rows, cells) }

func (t *table) note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// print aligns the first column left and the others right.
func (t *table) print(w io.Writer) {
	widths := make([]int, len(t.Columns))
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	fmt.Fprintf(w, "\n%s\n", t.Title)
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		var line strings.Builder
		for i, cell := range row {
			if i == 0 {
				fmt.Fprintf(&line, "  %-*s", widths[i], cell)
			} else {
				fmt.Fprintf(&line, "  %*s", widths[i], cell)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
	for _, n := range t.Notes {
		fmt.Fprintf(w, "  ! %s\n", n)
	}
}

// runs are the raw measurements of one server in one cell.
type runs struct {
	Experiment string `json:"experiment"`
	Cell       string `json:"cell"`
	Server     string `json:"server"`
	Rounds     any    `json:"rounds"`
}

// report is everything found.
type report struct {
	When     time.Time `json:"when"`
	Machine  string    `json:"machine"`
	Tables   []*table  `json:"tables"`
	Runs     []runs    `json:"runs"`
	Failures []string  `json:"failures,omitempty"`
}

func (r *report) begin() {
	r.When = time.Now().UTC().Truncate(time.Second)
	var u unix.Utsname
	unix.Uname(&u)
	r.Machine = fmt.Sprintf("%s, %d CPUs, Linux %s, %s", cpuModel(), runtime.NumCPU(),
		unix.ByteSliceToString(u.Release[:]), runtime.Version())
}

// add keeps a table, and shows it at once to who watches the progress.
func (r *report) add(t *table) {
	r.Tables = append(r.Tables, t)
	t.print(os.Stderr)
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, loopback, server on CPU %d, load on CPU %d\n",
		r.When.Format(time.RFC3339), r.Machine, serverCPU, loadCPU)
	for _, t := range r.Tables {
		t.print(w)
	}
	for _, f := range r.Failures {
		fmt.Fprintf(w, "\nFAILED: %s\n", f)
	}
}

func (r *report) save(name string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(data, '\n'), 0o644)
}

func cpuModel() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
