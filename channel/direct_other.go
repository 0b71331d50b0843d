//go:build !linux

package channel

import "errors"

// directIO tells whether there is direct I/O at all.
const directIO = false

func openDirect(*File) (*File, error) { return nil, errors.ErrUnsupported }

func readDirect(*File, []byte, int64) (int, error) { return 0, errors.ErrUnsupported }
