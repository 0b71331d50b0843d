package buffer

import (
	"strconv"
	"strings"
)

// Environment is the variable that sets fields of all pools of a process without a rebuild, in the manner of GODEBUG:
//
//	ROPEWALK_BUFFER=checked=1,leaksample=1 ./server
//
// Its settings stand above those of the program: checked (0 or 1) is Pool.Checked, leaksample is
// Pool.LeakSample. Others are ignored.
const Environment = "ROPEWALK_BUFFER"

// override applies the settings of the environment.
func (p *Pool) override(settings string) {
	for _, s := range strings.Split(settings, ",") {
		name, value, _ := strings.Cut(s, "=")
		n, err := strconv.Atoi(value)
		if err != nil {
			continue
		}
		switch strings.TrimSpace(name) {
		case "checked":
			p.Checked = n != 0
		case "leaksample":
			p.LeakSample = n
		}
	}
}

// guard tells whether the memory of the pool is guarded, see guard.go. That of a Heap is not.
func (p *Pool) guard() bool { return p.Checked && p.heap == nil }
