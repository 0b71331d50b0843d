//go:build linux

package sockettest

import (
	"bytes"
	"os"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
)

// BigFile returns a file of size bytes, a multiple of 16, whose pages are clean. It is closed and removed when the test ends.
func BigFile(t testing.TB, size int) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Write(bytes.Repeat([]byte("0123456789abcdef"), size/16)); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	return f
}

// OpenFile returns all of a file. The caller owns it.
func OpenFile(path string) (*channel.File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return channel.WholeFile(in)
}

// WriteFile writes all of a file to a channel.
func WriteFile(ch *channel.Channel, path string) error {
	f, err := OpenFile(path)
	if err != nil {
		return err
	}
	return ch.WriteFile(f)
}
