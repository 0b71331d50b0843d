package metrics

import (
	"expvar"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// TestForeignVariable publishes where expvar.Publish would end the program.
func TestForeignVariable(t *testing.T) {
	before := expvar.Get("cmdline").String()
	r := registry{variable: "cmdline"}
	for range 2 {
		if err := r.add("pool", new(buffer.Pool)); err == nil {
			t.Error("a variable that expvar itself has published was taken over")
		}
	}
	if len(r.all()) != 0 || r.remove("pool") || expvar.Get("cmdline").String() != before {
		t.Error("a call that failed has changed something")
	}
}
