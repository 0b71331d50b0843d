package result_test

import (
	"fmt"

	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// A ratio is taken within a round, so a machine that was slow in the second one does not spoil it.
func ExampleCell_Ratio() {
	cell := result.Cell{Workload: "frames", Name: "64/64/1", Rows: []result.Row{
		{Server: "c", Rounds: []result.Figures{{"cpu_ns": 5000}, {"cpu_ns": 9000}, {"cpu_ns": 5100}}},
		{Server: "c again", Rounds: []result.Figures{{"cpu_ns": 5100}, {"cpu_ns": 8900}, {"cpu_ns": 5000}}},
		{Server: "ropewalk", Rounds: []result.Figures{{"cpu_ns": 5500}, {"cpu_ns": 9900}, {"cpu_ns": 5610}}},
	}}
	ratio, noise := cell.Ratio("ropewalk", "c", "cpu_ns"), cell.Noise("cpu_ns")
	fmt.Printf("%.2f of the floor, noise %.0f %%: %s\n", ratio.Median, 100*noise, result.Judge(ratio.Median, noise))
	// Output: 1.10 of the floor, noise 2 %: worse
}
