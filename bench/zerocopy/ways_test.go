package main

import (
	"strings"
	"testing"
)

func TestWaysAreDistinct(t *testing.T) {
	keys, rows := map[string]bool{}, map[string]bool{}
	for _, w := range ways {
		if keys[w.key] || rows[w.row] || w.key == "" || w.row == "" || w.mode == "" {
			t.Errorf("%+v", w)
		}
		keys[w.key], rows[w.row] = true, true
		if got := wayOfRow(w.row); got.key != w.key {
			t.Errorf("row %s is way %s", w.row, got.key)
		}
		if w.notices && w.toUser > 0 {
			t.Errorf("%s copies to user space, so its memory is not the page cache", w.row)
		}
	}
	for _, row := range []string{copying, copyingAgain, mapping, sending, sendingLoop, ourFile} {
		if !rows[row] {
			t.Errorf("no row %s", row)
		}
	}
}

func TestChoose(t *testing.T) {
	l := newLab(t.Context())
	if err := l.choose("4KiB,1GiB", "tee,file_uring", "cold"); err != nil {
		t.Fatal(err)
	}
	if len(l.sizes) != 2 || l.sizes[1].name != large || len(l.caches) != 1 || l.caches[0] != "cold" {
		t.Errorf("%+v, %q", l.sizes, l.caches)
	}
	var keys []string
	for _, w := range l.selected() {
		keys = append(keys, w.key)
	}
	if got := strings.Join(keys, ","); got != "copy,tee,file_uring" {
		t.Errorf("ways %s", got)
	}
	for _, bad := range [][3]string{{"5KiB"}, {"", "teleport"}, {"", "", "tepid"}} {
		if err := newLab(t.Context()).choose(bad[0], bad[1], bad[2]); err == nil || !strings.Contains(err.Error(), `"`) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestUsualWays(t *testing.T) {
	for _, w := range newLab(t.Context()).selected() {
		if w.extra {
			t.Errorf("%s runs without being asked for", w.key)
		}
	}
}

func TestRoundsOf(t *testing.T) {
	l, s := newLab(t.Context()), size{rounds: 3, full: 9}
	quick := l.roundsOf(s)
	l.full = true
	full := l.roundsOf(s)
	l.rounds = 1
	if quick != 3 || full != 9 || l.roundsOf(s) != 1 {
		t.Errorf("%d, %d, %d", quick, full, l.roundsOf(s))
	}
}
