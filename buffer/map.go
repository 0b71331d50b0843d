package buffer

import (
	"errors"
	"fmt"
	"math"
	"os"
)

// Errors of mapped files.
var (
	// ErrTruncated says that bytes of a mapped file are not what the file had in their place: it has become shorter since,
	// or could not be read. What was lost reads as zeros. See Buf.Err.
	ErrTruncated = errors.New("buffer: mapped file became shorter or could not be read")
	// ErrTooManyMaps says that MaxMaps files are mapped already.
	ErrTooManyMaps = errors.New("buffer: too many mapped files")
	// ErrNotRegular says that something was to be mapped that is not a regular file.
	ErrNotRegular = errors.New("buffer: not a regular file")
)

// MaxMaps is how many mappings of Map a process may have at a time. Each holds a descriptor.
const MaxMaps = 4096

// Map returns n bytes of a file from offset off on, without reading them: the kernel's page cache itself, mapped into the
// process (mmap(2)). f may be closed afterwards. off need not be a multiple of anything. The range must lie inside the file, which
// must be a regular one, or Map fails and f is as it was.
//
// The pages cannot be written to. Methods that add bytes put them elsewhere; those that change bytes in place, such as SetAt
// and Mask, copy all of the Buf into a block first, and the change is then seen by that handle only. Who writes to what
// Bytes returned ends the program. What others write to the file is seen.
//
// The file may become shorter while views of it exist. Bytes of pages that are no longer there read as zeros, on any
// goroutine, rather than end the program by SIGBUS; and Err tells. For that Map installs a handler of SIGBUS, at its first call,
// in front of the one of the Go runtime, which gets all signals that are not about these pages.
//
// The last view that is released unmaps the file, on whatever goroutine. Mapped bytes do not count against the limit of a
// pool: they are the kernel's, which takes them back when it needs the memory. While a goroutine waits for a page that is not in
// memory, its thread waits with it. A descriptor is kept for each mapping, so that Err can look at the file's size; closing it
// ends record locks of the process on the file (fcntl(2), F_SETLK).
//
// Where MapCopies is true Map reads the bytes instead.
//
// Map makes its handles in Default. Pool.Map and Cache.Map are Map for others. Map may be called from any goroutine.
func Map(f *os.File, off, n int64) (*Buf, error) { return mapFile(Default, f, off, n) }

// Map is the function Map with a handle of the pool.
func (p *Pool) Map(f *os.File, off, n int64) (*Buf, error) { return mapFile(p, f, off, n) }

// Map is the function Map with a handle of the cache. It is called on the cache's goroutine.
func (c *Cache) Map(f *os.File, off, n int64) (*Buf, error) { return mapFile(c, f, off, n) }

func mapFile(home Allocator, f *os.File, off, n int64) (*Buf, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s", ErrNotRegular, f.Name())
	case off < 0 || n < 0 || off > info.Size() || n > info.Size()-off:
		return nil, fmt.Errorf("buffer: range of %d bytes at %d is not inside %s of %d bytes", n, off, f.Name(), info.Size())
	case n > math.MaxInt-1<<20: // with whole pages at both ends
		return nil, fmt.Errorf("buffer: %d bytes of %s are more than can be mapped", n, f.Name())
	}
	b, err := home.TryAlloc(0)
	if err != nil || n == 0 {
		return b, err
	}
	if err := b.mapRange(f, off, int(n)); err != nil {
		b.Release()
		return nil, fmt.Errorf("buffer: map %s: %w", f.Name(), err)
	}
	return b, nil
}

// Err returns ErrTruncated if bytes that b shows, or was copied from, belonged to a mapped file and were lost: because
// the file has become shorter, or could not be read. What lies in front of the file's new end is as it was. It is nil for all
// other bytes.
//
// Bytes may be lost at any time, so what counts is Err after they were used. It looks at the sizes of the files, a
// system call of less than a microsecond for each: behind the end of a file that ends inside of a page, the page reads as zeros
// without any signal. A file that became shorter and grew again between two looks is not noticed unless pages of it were touched
// meanwhile. Copies that methods of a Buf make remember it, for as long as
// there is anything in them; of bytes that CopyAt, Bytes, a Reader and the like have given away,
// the Buf that they came from must be asked.
func (b *Buf) Err() error {
	b.mustLive()
	if b.flags&torn != 0 || b.flags&overlap != 0 && b.lost() {
		return ErrTruncated
	}
	return nil
}

// tears returns torn if what was just copied out of b was not all there.
func (b *Buf) tears() flag {
	if b.flags&torn != 0 || b.flags&overlap != 0 && b.lost() {
		noteTorn()
		return torn
	}
	return 0
}

// change is changing for handles that are watched, or that may show memory which cannot be written to.
func (b *Buf) change() {
	if b.flags&watch != 0 {
		b.unseal()
	}
	if b.flags&overlap != 0 && b.showsMap() {
		b.recopy()
	}
}
