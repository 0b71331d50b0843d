//go:build !unix

package channel_test

import (
	"errors"
	"os"
)

func dup(*os.File) (int, error) { return -1, errors.ErrUnsupported }
