package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestParseCounts(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out")
	os.WriteFile(name, []byte(`% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000100           1       100           write
 40.00    0.000100           1       102         2 read
------ ----------- ----------- --------- --------- ----------------
100.00    0.000200           1       202         2 total
`), 0o600)
	counts, err := parseCounts(name)
	if err != nil || counts["write"] != 100 || counts["read"] != 102 || len(counts) != 2 {
		t.Errorf("counts = %v, %v", counts, err)
	}
}
