package buffer

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

func TestDefaultLimit(t *testing.T) {
	const gib = 1 << 30
	for _, test := range []struct {
		what                   string
		machine, group, goHeap int64
		want                   int64
	}{
		{"machine only", 16 * gib, 0, 0, 8 * gib},
		{"group is less", 16 * gib, 4 * gib, 0, 2 * gib},
		{"group is more", 16 * gib, 1 << 62, 0, 8 * gib},
		{"the Go heap has its share", 16 * gib, 8 * gib, 6 * gib, 2 * gib},
		{"the Go heap has little", 16 * gib, 8 * gib, 1 * gib, 4 * gib},
		{"the Go heap has nearly all", 16 * gib, 8 * gib, 8*gib - 1, 1 * gib},
		{"the Go heap has no limit", 16 * gib, 8 * gib, 1<<63 - 1, 4 * gib},
		{"nothing is known", 0, 0, 0, 4 * gib},
	} {
		if n := share(test.machine, test.group, test.goHeap); n != test.want {
			t.Errorf("%s: %d, want %d", test.what, n, test.want)
		}
	}
	if n := DefaultLimit(); n < 16<<20 {
		t.Errorf("%d bytes here", n)
	}
}

func TestGroupMemory(t *testing.T) {
	files := func(pairs ...string) fs.FS {
		m := fstest.MapFS{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
		}
		return m
	}
	for _, test := range []struct {
		what string
		root fs.FS
		want int64
	}{
		{"no groups", files(), 0},
		{"version 2", files("proc/self/cgroup", "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max", "1000\n"), 1000},
		{"version 2, above", files("proc/self/cgroup", "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max", "max\n",
			"sys/fs/cgroup/a/memory.max", "500\n", "sys/fs/cgroup/memory.max", "700\n"), 500},
		{"version 2, in a container", files("proc/self/cgroup", "0::/\n", "sys/fs/cgroup/memory.max", "800\n"), 800},
		{"version 2, outside of the container", files("proc/self/cgroup", "0::/../x\n", "sys/fs/cgroup/memory.max", "800\n"), 800},
		{"version 1", files("proc/self/cgroup", "5:cpu:/x\n4:memory:/m/n\n0::/\n",
			"sys/fs/cgroup/memory/m/n/memory.limit_in_bytes", "900\n"), 900},
		{"version 1, controllers together", files("proc/self/cgroup", "4:hugetlb,memory:/m\n",
			"sys/fs/cgroup/memory/m/memory.limit_in_bytes", "900\n"), 900},
		{"no limit", files("proc/self/cgroup", "0::/\n", "sys/fs/cgroup/memory.max", "max\n"), 0},
		{"nonsense", files("proc/self/cgroup", "0::/\n:\n\n1:2\n", "sys/fs/cgroup/memory.max", "lots\n"), 0},
	} {
		if n := groupMemory(test.root); n != test.want {
			t.Errorf("%s: %d, want %d", test.what, n, test.want)
		}
	}
}
