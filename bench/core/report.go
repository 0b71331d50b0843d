package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"golang.org/x/sys/unix"
)

type table = figures.Table

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
	t.Print(os.Stderr)
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, loopback, server on CPU %d, load on CPU %d\n",
		r.When.Format(time.RFC3339), r.Machine, serverCPU, loadCPU)
	for _, t := range r.Tables {
		t.Print(w)
	}
	for _, f := range r.Failures {
		fmt.Fprintf(w, "\nFAILED: %s\n", f)
	}
}

func (r *report) save(name string) error { return figures.Save(name, r) }

func cpuModel() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
