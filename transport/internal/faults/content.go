//go:build linux

package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// content is what is sent: bytes that do not repeat. Every frame and file is a part of them, so that a byte at the wrong place, or
// of another connection, shows.
type content struct {
	bytes []byte
	files []file
}

type file struct {
	name string
	data []byte
	disk *os.File
}

func newContent(seed uint64) *content {
	c := &content{bytes: make([]byte, 3<<20)}
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	rand.NewChaCha8(key).Read(c.bytes)
	for i, size := range []int{0, 1, 100, 4096, 65535, 65537, 300_000, 1<<20 + 5} {
		c.files = append(c.files, file{name: fmt.Sprintf("file%d", size), data: c.bytes[i*997 : i*997+size]})
	}
	return c
}

// part returns some n bytes.
func (c *content) part(r *rand.Rand, n int) []byte {
	at := r.IntN(len(c.bytes) - n + 1)
	return c.bytes[at : at+n]
}

// save writes the files to a folder.
func (c *content) save(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for i := range c.files {
		f, err := os.Create(filepath.Join(folder, c.files[i].name))
		if err == nil {
			_, err = f.Write(c.files[i].data)
		}
		if err == nil {
			err = f.Sync() // what is dirty cannot be forgotten
		}
		if err != nil {
			return err
		}
		c.files[i].disk = f
	}
	return nil
}

// forget drops a file from the page cache, so that the server has to get it from the disk. If the system does not, nothing is lost.
func (f file) forget() { unix.Fadvise(int(f.disk.Fd()), 0, 0, unix.FADV_DONTNEED) }

// different compares got with the start of want, and says where they differ.
func different(got, want []byte, at int64) error {
	for i := range got {
		if got[i] != want[i] {
			return wrong{fmt.Errorf("byte %d is %#x, not %#x (and %d bytes follow)", at+int64(i), got[i], want[i], len(got)-i-1)}
		}
	}
	return nil
}

// wrong is an error that no fault excuses.
type wrong struct{ error }

// isEnd tells whether a stream has ended as it should.
func isEnd(err error) bool { return err == io.EOF }
