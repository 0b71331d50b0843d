package main

import (
	"fmt"
	"os"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
)

type table = figures.Table

// runs are the raw measurements of one row.
type runs struct {
	Part string `json:"part"`
	Cell string `json:"cell"`
	Row  string `json:"row"`
	Raw  any    `json:"raw"`
}

// report is everything found.
type report struct {
	When     time.Time     `json:"when"`
	Machine  string        `json:"machine"`
	Options  string        `json:"options"`
	Tables   []*table      `json:"tables"`
	Goals    figures.Goals `json:"goals"`
	Runs     []runs        `json:"runs"`
	Failures []string      `json:"failures,omitempty"`
}

func (r *report) begin(b *bench) {
	r.When = time.Now().UTC().Truncate(time.Second)
	r.Machine = machine() + ", " + b.jvmName()
	r.Options = fmt.Sprintf("%d rounds of %s, seed %d", b.rounds, b.time, b.seed)
	fmt.Printf("%s, %s\n%s\n", r.When.Format(time.RFC3339), r.Machine, r.Options)
}

// add keeps a table and prints it.
func (r *report) add(t *table) {
	r.Tables = append(r.Tables, t)
	t.Print(os.Stdout)
}

func (r *report) keep(part, cell, row string, raw any) {
	r.Runs = append(r.Runs, runs{part, cell, row, raw})
}

// end prints the goals once more, all together, and what failed.
func (r *report) end() {
	if len(r.Goals) > 0 {
		r.Goals.Table().Print(os.Stdout)
	}
	for _, f := range r.Failures {
		fmt.Printf("\nFAILED: %s\n", f)
	}
}

func (r *report) save(name string) error { return figures.Save(name, r) }
