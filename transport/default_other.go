//go:build !linux

package transport

import (
	"fmt"
	"runtime"

	"github.com/ropewalk/ropewalk/transport/engine"
)

func defaultEngine() (engine.Engine, error) {
	return nil, fmt.Errorf("transport: there is no engine for %s yet; set Engine", runtime.GOOS)
}

func openFiles() int { return 1024 }
