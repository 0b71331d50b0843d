package main

import (
	"slices"
	"testing"
)

func TestTextbook(t *testing.T) {
	warm, cold := testCell(), testCell()
	warm.size.name, cold.size.name, cold.cache = "64KiB", large, "cold"
	l := newLab(t.Context())
	l.textbook([]*cell{warm, cold})
	book := l.report.Tables[0]
	if got, want := book.Rows[0], []string{copying, "2/2/4", "2", "0.50", "64.0", "-", "-"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := columns(t, book, sending); got["textbook"] != "1/2/2" || got["mode sw, 64KiB"] != "2.00" {
		t.Errorf("%v", got)
	}
	if got := columns(t, book, mapping); got["textbook"] != "1/2/4" || got["mode sw, 64KiB"] != "-" || got["from disk, cold"] != "-" {
		t.Errorf("what was not measured has a figure: %v", got)
	}
	if got := book.Rows[3]; got[0] != "sendfile, gathering card" || got[1] != "0/2/2" {
		t.Errorf("%q", got)
	}
	if got := l.report.Tables[1].Rows; len(got) != 2 || !slices.Equal(got[0], []string{"64KiB, warm", "-50 %", "-50 %"}) {
		t.Errorf("%q", got)
	}
}
