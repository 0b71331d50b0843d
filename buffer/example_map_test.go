//go:build linux && (amd64 || arm64)

package buffer_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ropewalk/ropewalk/buffer"
)

// A mapped file is a Buf like any other. When somebody cuts the file off, the program goes on, and is told.
func ExampleMap() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "greeting")
	if err := os.WriteFile(name, []byte("hello, mapped world"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	f, err := os.Open(name)
	if err != nil {
		fmt.Println(err)
		return
	}
	pool := new(buffer.Pool)
	b, err := pool.Map(f, 7, 12)
	f.Close() // the Buf does not need it
	if err != nil {
		fmt.Println(err)
		return
	}
	b.PrependUint32(12) // in a block of its own: the file's pages are not written to
	fmt.Print(b.Dump())

	os.Truncate(name, 0)
	fmt.Println(b.Uint32(0), b.At(4))
	fmt.Println("lost:", errors.Is(b.Err(), buffer.ErrTruncated))
	b.Release()
	fmt.Println(buffer.Maps(), "mapped,", pool.Live(), "live")
	// Output:
	// 00000000  00 00 00 0c 6d 61 70 70  65 64 20 77 6f 72 6c 64  |....mapped world|
	// 12 0
	// lost: true
	// 0 mapped, 0 live
}
