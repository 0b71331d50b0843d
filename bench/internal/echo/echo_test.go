package echo

import (
	"slices"
	"strings"
	"testing"
)

func TestParseList(t *testing.T) {
	all, err := ParseList("64/1000/1,0/1/32")
	if err != nil || !slices.Equal(all, []Shape{{64, 1000, 1}, {0, 1, 32}}) {
		t.Errorf("%v, %v", all, err)
	}
	if all, err := ParseList(""); err != nil || all != nil {
		t.Errorf("an empty list: %v, %v", all, err)
	}
	for _, bad := range []string{"64", "64/1", "64/1/x", "64/1/1/1", "64/1/1x", "64/0/1", "-1/1/1"} {
		if _, err := ParseList("1/1/1," + bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestShapes(t *testing.T) {
	all := Shapes([]int{64, 1024}, []int{1, 1000}, []int{1, 32})
	if len(all) != 8 || all[0] != (Shape{64, 1, 1}) || all[7] != (Shape{1024, 1000, 32}) {
		t.Errorf("%v", all)
	}
	if got := all[7].Title(); got != "1 KiB, 1000 connections, depth 32" {
		t.Errorf("%q", got)
	}
	if got := (Shape{100, 1, 1}).Title(); got != "100 B, 1 connection, depth 1" {
		t.Errorf("%q", got)
	}
	if got := (Shape{16 << 10, 1000, 32}).WarmUp(0.1); got < 0.5 || got > 0.7 {
		t.Errorf("half a gibibyte takes more than %v s", got)
	}
}
