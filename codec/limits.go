package codec

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
)

// DefaultMax is the maximum of a framing format whose Max is zero, in bytes.
const DefaultMax = 1 << 20

// maximum returns the maximum that a Max field stands for.
func maximum(format string, n int) int {
	switch {
	case n < 0:
		panic(fmt.Sprintf("codec: %s: negative Max %d", format, n))
	case n == 0:
		return DefaultMax
	}
	return n
}

// tooLarge refuses to write a message.
func tooLarge(format string, n, limit int) error {
	return fmt.Errorf("codec: %s: a message of %d bytes cannot be written: the maximum is %d: %w", format, n, limit, buffer.ErrTooLarge)
}
