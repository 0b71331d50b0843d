package figures

import (
	"math"
	"testing"
)

func TestGoals(t *testing.T) {
	var all Goals
	if g := all.AtMost(0.5, 0.6, "%s", "a"); g.Verdict() != "LOST" || g.Bound() != "<= 0.50" {
		t.Errorf("%+v", g)
	}
	if g := (Goal{Most: true, Want: 1.25, Got: 1.2504}); g.Figure() != "1.2504" {
		t.Errorf("lost by a little: %s", g.Figure())
	}
	if g := all.AtLeast(1.8, 1.8, "b"); g.Verdict() != "met" || g.Bound() != ">= 1.80" {
		t.Errorf("%+v", g)
	}
	if g := all.AtMost(1, math.NaN(), "c"); g.Met || g.Verdict() != "not measured: no figure" || len(all) != 3 {
		t.Errorf("what was not measured is met: %+v", all)
	}
}
