package codectest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
)

const (
	everyByte  = 1 << 10 // inputs up to this size are cut at every byte
	somePlaces = 1 << 10
)

// places returns where to cut an input of n bytes: everywhere, or around the ends of messages and at random.
func places(n int, ends []int, dice *rand.Rand) []int {
	var at []int
	if n <= everyByte {
		for i := range n + 1 {
			at = append(at, i)
		}
		return at
	}
	for _, end := range ends[:min(len(ends), somePlaces/32)] {
		for d := -8; d <= 8; d++ {
			at = append(at, min(max(end+d, 0), n))
		}
	}
	for len(at) < somePlaces {
		at = append(at, dice.IntN(n+1))
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// randomCuts returns up to 8 places in ascending order.
func randomCuts(n int, dice *rand.Rand) []int {
	at := make([]int, dice.IntN(8)+1)
	for i := range at {
		at[i] = dice.IntN(n + 1)
	}
	slices.Sort(at)
	return at
}

func caseName(name string, i int) string {
	if name == "" {
		return fmt.Sprintf("case %d", i+1)
	}
	return name
}

func itoa(n int) string { return strconv.Itoa(n) }
