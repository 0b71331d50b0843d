package buffer_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

func TestStatsString(t *testing.T) {
	for _, test := range []struct {
		name  string
		stats buffer.Stats
		want  string
	}{
		{"full", fullStats, `
limit         4.0 GiB
held        132.5 MiB    3.2 % of limit
  live       80.1 MiB   60.4 % of held
  cached      1.2 MiB    0.9 % of held
  idle        2.0 MiB    1.5 % of held
  waste      49.2 MiB   37.2 % of held
peak        140.0 MiB  was held at most

handles   12345 live, 1234567 made, 12 watched, 3 lost
refills   1520, one for 812.2 handles made
copied    1.5 KiB
pressure  yes, began 2 times
refused   7 allocations
trimmed   40 chunks, 40.0 MiB
large     2 blocks, 5.0 MiB

    size  chunks    blocks      live    cached      free        held   # live  + cached  . free
    64 B       1      1024         1         0      1023    64.0 KiB   #.......................
   320 B       2       400       100       100       200   125.0 KiB   ######++++++............
1.25 KiB    1000     51200     51200         0         0    62.5 MiB   ########################
  56 KiB       2         2         0         1         1   112.0 KiB   ++++++++++++............
   1 MiB       3         3         0         0         3     3.0 MiB   ........................
`},
		{"nothing", buffer.Stats{Limit: math.MaxInt64}, `
limit            none
held              0 B
  live            0 B
  cached          0 B
  idle            0 B
  waste           0 B
peak              0 B  was held at most

handles   0 live, 0 made, 0 watched, 0 lost
refills   0
copied    0 B
pressure  no, began 0 times
refused   0 allocations
trimmed   0 chunks, 0 B
large     0 blocks, 0 B
`},
	} {
		if got, want := test.stats.String(), test.want[1:]; got != want {
			t.Errorf("%s: got\n%swant\n%s", test.name, got, want)
		}
	}
}

const mib = 1 << 20

// fullStats has something in every field. The numbers do not belong together.
var fullStats = buffer.Stats{
	Limit: 4 << 30, Held: 132.5 * mib, Peak: 140 * mib,
	Live: 82000 << 10, Cached: 1200 << 10, Idle: 2 * mib,
	Handles: 12345, HandlesMade: 1234567, Refills: 1520, Copied: 1536,
	Pressed: true, Pressures: 2, Refused: 7, Trims: 40, Trimmed: 40 * mib, Leaks: 3, Watched: 12,
	Large: 2, LargeBytes: 5 * mib,
	Classes: []buffer.ClassStats{
		{Size: 64, Chunks: 1, Blocks: 1024, Live: 1, Free: 1023},
		{Size: 320, Chunks: 2, Blocks: 400, Live: 100, Cached: 100, Free: 200},
		{Size: 1280, Chunks: 1000, Blocks: 51200, Live: 51200},
		{Size: 56 << 10, Chunks: 2, Blocks: 2, Cached: 1, Free: 1},
		{Size: mib, Chunks: 3, Blocks: 3, Free: 3},
	},
}

// TestStatsWidth fills every number of a pool of 64 GiB.
func TestStatsWidth(t *testing.T) {
	s := buffer.Stats{
		Limit: 1023 << 40, Held: 1023 << 40, Peak: 1023 << 40, Live: 1023 << 40,
		Handles: math.MaxInt32, HandlesMade: math.MaxUint64, Watched: math.MaxInt32, Leaks: math.MaxUint32,
		Refills: math.MaxUint64, Pressures: math.MaxUint64, Refused: math.MaxUint64, Trims: math.MaxUint64,
		Classes: []buffer.ClassStats{
			{Size: 1280, Chunks: 9999999, Blocks: 999999999, Live: 333333333, Cached: 333333333, Free: 333333333},
		},
	}
	for _, line := range strings.Split(s.String(), "\n") {
		if len(line) > 100 {
			t.Errorf("%d columns: %s", len(line), line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("spaces at the end of %q", line)
		}
	}
}

// A pool of a server at work: half of what it holds are messages that wait, a tenth the stock of its loops.
func ExampleStats_String() {
	s := buffer.Stats{
		Limit: 64 << 20, Held: 1100 << 10, Peak: 2 << 20, Live: 606 << 10, Cached: 102 << 10, Idle: 64 << 10,
		Handles: 700, HandlesMade: 5_000_000, Refills: 4000, Watched: 1,
		Classes: []buffer.ClassStats{
			{Size: 1 << 10, Chunks: 14, Blocks: 896, Live: 606, Cached: 38, Free: 252},
			{Size: 64 << 10, Chunks: 2, Blocks: 2, Cached: 1, Free: 1},
		},
	}
	fmt.Print(s)
	// Output:
	// limit        64.0 MiB
	// held          1.1 MiB    1.7 % of limit
	//   live      606.0 KiB   55.1 % of held
	//   cached    102.0 KiB    9.3 % of held
	//   idle       64.0 KiB    5.8 % of held
	//   waste     328.0 KiB   29.8 % of held
	// peak          2.0 MiB  was held at most
	//
	// handles   700 live, 5000000 made, 1 watched, 0 lost
	// refills   4000, one for 1250.0 handles made
	// copied    0 B
	// pressure  no, began 0 times
	// refused   0 allocations
	// trimmed   0 chunks, 0 B
	// large     0 blocks, 0 B
	//
	//     size  chunks    blocks      live    cached      free        held   # live  + cached  . free
	//    1 KiB      14       896       606        38       252   896.0 KiB   #################+......
	//   64 KiB       2         2         0         1         1   128.0 KiB   ++++++++++++............
}
