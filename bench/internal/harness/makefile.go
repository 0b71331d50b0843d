package harness

import (
	"bufio"
	"math/rand/v2"
	"os"
)

// MakeFile writes a file of noise, which also puts it in the page cache.
func MakeFile(name string, size int64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	noise := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{1}).Read(noise)
	for n := size; n > 0; {
		part := noise[:min(n, int64(len(noise)))]
		noise[0]++ // no two pieces are the same
		if _, err := w.Write(part); err != nil {
			return err
		}
		n -= int64(len(part))
	}
	return w.Flush()
}
