package figures

import (
	"fmt"
	"math"
)

// A Goal is something that was to be reached, and whether it was.
type Goal struct {
	What    string  `json:"what"`
	Most    bool    `json:"most"` // Want is an upper bound, else a lower one
	Want    float64 `json:"want"`
	Got     float64 `json:"got"`
	Met     bool    `json:"met"`
	Missing string  `json:"missing,omitempty"` // why there is no figure
}

// Bound writes what was wanted.
func (g Goal) Bound() string {
	if g.Most {
		return fmt.Sprintf("<= %.2f", g.Want)
	}
	return fmt.Sprintf(">= %.2f", g.Want)
}

// Figure writes what was got, as exactly as is needed to see why it was lost.
func (g Goal) Figure() string {
	text := fmt.Sprintf("%.2f", g.Got)
	switch {
	case g.Missing != "":
		return "-"
	case !g.Met && text == fmt.Sprintf("%.2f", g.Want):
		return fmt.Sprintf("%.4f", g.Got)
	}
	return text
}

// Verdict says what came of it.
func (g Goal) Verdict() string {
	switch {
	case g.Missing != "":
		return "not measured: " + g.Missing
	case g.Met:
		return "met"
	}
	return "LOST"
}

// Goals is a list of them.
type Goals []Goal

// AtMost notes a goal that is an upper bound.
func (l *Goals) AtMost(want, got float64, what string, args ...any) Goal {
	return l.add(Goal{Most: true, Want: want, Got: got, Met: got <= want}, what, args...)
}

// AtLeast notes a goal that is a lower bound.
func (l *Goals) AtLeast(want, got float64, what string, args ...any) Goal {
	return l.add(Goal{Want: want, Got: got, Met: got >= want}, what, args...)
}

// NotMeasured notes a goal, an upper bound, for which there is no figure.
func (l *Goals) NotMeasured(want float64, why, what string, args ...any) Goal {
	return l.add(Goal{Most: true, Want: want, Missing: why}, what, args...)
}

func (l *Goals) add(g Goal, what string, args ...any) Goal {
	g.What = fmt.Sprintf(what, args...)
	if math.IsNaN(g.Got) {
		g.Got, g.Missing = 0, "no figure"
	}
	*l = append(*l, g)
	return g
}

// Table lists all goals.
func (l Goals) Table() *Table {
	t := &Table{Title: "Goals", Columns: []string{"what", "goal", "got", "verdict"}}
	for _, g := range l {
		t.Row(g.What, g.Bound(), g.Figure(), g.Verdict())
	}
	return t
}
