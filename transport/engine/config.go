package engine

import (
	"log/slog"
	"runtime"

	"github.com/ropewalk/ropewalk/buffer"
)

// Prepare returns a copy of c with defaults filled in.
func (c Config) Prepare() Config {
	if c.Loops <= 0 {
		c.Loops = runtime.GOMAXPROCS(0)
	}
	if c.Pool == nil {
		c.Pool = buffer.Default
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}
