//go:build unix

package channel_test

import (
	"os"
	"syscall"
)

func dup(f *os.File) (int, error) { return syscall.Dup(int(f.Fd())) }
