package main

import (
	"fmt"
	"os"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
)

type table = figures.Table

// goal is something that was to be reached, and whether it was.
type goal struct {
	What string  `json:"what"`
	Most bool    `json:"most"` // Want is an upper bound, else a lower one
	Want float64 `json:"want"`
	Got  float64 `json:"got"`
	Met  bool    `json:"met"`
}

func (g goal) bound() string {
	if g.Most {
		return fmt.Sprintf("<= %.2f", g.Want)
	}
	return fmt.Sprintf(">= %.2f", g.Want)
}

func (g goal) verdict() string {
	if g.Met {
		return "met"
	}
	return "LOST"
}

// runs are the raw measurements of one row.
type runs struct {
	Part string `json:"part"`
	Cell string `json:"cell"`
	Row  string `json:"row"`
	Raw  any    `json:"raw"`
}

// report is everything found.
type report struct {
	When     time.Time `json:"when"`
	Machine  string    `json:"machine"`
	Options  string    `json:"options"`
	Tables   []*table  `json:"tables"`
	Goals    []goal    `json:"goals"`
	Runs     []runs    `json:"runs"`
	Failures []string  `json:"failures,omitempty"`
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

// most notes a goal that is an upper bound.
func (r *report) most(want, got float64, what string, args ...any) goal {
	return r.goal(goal{Most: true, Want: want, Got: got, Met: got <= want}, what, args...)
}

// least notes a goal that is a lower bound.
func (r *report) least(want, got float64, what string, args ...any) goal {
	return r.goal(goal{Want: want, Got: got, Met: got >= want}, what, args...)
}

func (r *report) goal(g goal, what string, args ...any) goal {
	g.What = fmt.Sprintf(what, args...)
	r.Goals = append(r.Goals, g)
	return g
}

// end prints the goals once more, all together, and what failed.
func (r *report) end() {
	if len(r.Goals) > 0 {
		t := &table{Title: "Goals", Columns: []string{"what", "goal", "got", "verdict"}}
		for _, g := range r.Goals {
			t.Row(g.What, g.bound(), fmt.Sprintf("%.2f", g.Got), g.verdict())
		}
		t.Print(os.Stdout)
	}
	for _, f := range r.Failures {
		fmt.Printf("\nFAILED: %s\n", f)
	}
}

func (r *report) save(name string) error { return figures.Save(name, r) }
