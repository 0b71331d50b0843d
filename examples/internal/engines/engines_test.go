package engines

import (
	"flag"
	"io"
	"strings"
	"testing"
)

func parse(args ...string) (*Choice, error) {
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	c := add(flags)
	return c, flags.Parse(args)
}

func TestEachEngineHasItsName(t *testing.T) {
	for name := range known {
		c, err := parse("-engine", name)
		if err != nil || c.Engine == nil || c.Engine.String() != name {
			t.Errorf("-engine %s: %v, %v", name, c.Engine, err)
		}
	}
}

func TestNoEngineIsTheDefault(t *testing.T) {
	for _, args := range [][]string{nil, {"-engine", ""}, {"-engine="}} {
		if c, err := parse(args...); err != nil || c.Engine != nil {
			t.Errorf("%q: %v, %v", args, c.Engine, err)
		}
	}
}

func TestUnknownEngine(t *testing.T) {
	c, err := parse("-engine", "steam")
	if err == nil || !strings.Contains(err.Error(), `"steam"`) || !strings.Contains(err.Error(), Names()) || c.Engine != nil {
		t.Errorf("%v, %v", c.Engine, err)
	}
}
