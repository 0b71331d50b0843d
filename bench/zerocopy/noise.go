package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// makeFile writes a file in which no eight bytes come twice at places that a mistake could mix up, has it written to the disk, so
// that its pages can be dropped, and returns its hash.
func makeFile(name string, size int64) (string, error) {
	f, err := os.Create(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := newXXH64()
	w := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<20)
	var word [8]byte
	for at := int64(0); at < size; at += 8 {
		binary.LittleEndian.PutUint64(word[:], mix(uint64(at)))
		if _, err := w.Write(word[:min(8, size-at)]); err != nil {
			return "", err
		}
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	return fmt.Sprintf("%016x", sum.Sum64()), f.Sync()
}

// mix is a permutation of the 64-bit numbers that leaves no order among them (the finalizer of SplitMix64).
func mix(v uint64) uint64 {
	v += 0x9e3779b97f4a7c15
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}
