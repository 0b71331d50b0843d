//go:build !linux || !(amd64 || arm64)

package buffer

import (
	"fmt"
	"io"
	"os"
)

// MapCopies tells whether Map copies files into blocks of the pool, for lack of a way to survive that a file becomes shorter:
// everywhere but on Linux on amd64 and arm64. Then it fails with ErrLimit where the pool would, and fails with ErrTruncated if the
// file ends early.
const MapCopies = true

// Maps returns how many mappings of Map are in use.
func Maps() int { return 0 }

// mappedBlock is not there.
type mappedBlock struct{ of *mapping }

type mapping struct{}

func (*mapping) drop() {}

func noteTorn() {}

// MayTear tells whether there may be a Buf in this process for which Err is not nil.
func MayTear() bool { return false }

func (*seg) mapped() *mappedBlock { return nil }

func (b *Buf) showsMap() bool { return false }
func (b *Buf) lost() bool     { return false }

// mapRange fills b, which is empty, with n bytes of a file.
func (b *Buf) mapRange(f *os.File, off int64, n int) error {
	p, err := b.TryTail(n)
	if err != nil {
		return err
	}
	switch m, err := f.ReadAt(p[:n], off); {
	case m == n:
		b.Commit(n)
		return nil
	case err == io.EOF:
		return fmt.Errorf("%w: %d of %d bytes at %d", ErrTruncated, m, n, off)
	default:
		return err
	}
}
