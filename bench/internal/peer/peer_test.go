package peer

import (
	"fmt"
	"testing"
)

func TestFrame(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "0 true",
		"\x00\x00\x00":                       "0 true",
		"\x00\x00\x00\x00":                   "4 true",
		"\x00\x00\x00\x02a":                  "0 true",
		"\x00\x00\x00\x02ab\x00\x00\x00\x01": "6 true",
		"\x00\x00\x00\x0bx":                  "0 false",
		"\xff\xff\xff\xffx":                  "0 false",
	} {
		size, ok := Frame([]byte(text), 10)
		if got := fmt.Sprint(size, ok); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestReportAllocatesNothing(t *testing.T) {
	room := make([]byte, 0, 64)
	if got := string(report(room, 1<<40, 7)); got != "mallocs=1099511627776 gc=7\n" {
		t.Errorf("%q", got)
	}
	if n := testing.AllocsPerRun(100, func() { report(room, 1<<63, 1<<31) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
