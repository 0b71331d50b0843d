package hub

import (
	"slices"
	"testing"
)

func TestMembers(t *testing.T) {
	var h Hub[int]
	for i := range 4 {
		h.Join(i)
	}
	h.Leave(1)
	h.Leave(7)
	var got []int
	h.Each(func(m int) { got = append(got, m) })
	slices.Sort(got)
	if !slices.Equal(got, []int{0, 2, 3}) {
		t.Errorf("members %v", got)
	}
}
