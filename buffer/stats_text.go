package buffer

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// String returns the snapshot as text for people: a block of totals, then a line for each class that holds memory. It ends with a
// newline and is at most 100 columns wide, as long as no class has a thousand million blocks. The text may change in any release:
// programs read the fields.
//
// Of the bytes held, those that are not live, cached or idle are called waste: free blocks of chunks that are in use,
// and the descriptors of blocks. Other sizes cannot use them, and Trim cannot give them back. In a line of the table, held
// is without descriptors, and the bar shows the blocks: live #, cached +, free a dot.
func (s Stats) String() string {
	var text strings.Builder
	s.totals(&text)
	if len(s.Classes) > 0 {
		fmt.Fprintf(&text, "\n"+classHead, "size", "chunks", "blocks", "live", "cached", "free", "held", "# live  + cached  . free")
	}
	for _, c := range s.Classes {
		fmt.Fprintf(&text, classLine, exactBytes(c.Size), c.Chunks, c.Blocks, c.Live, c.Cached, c.Free,
			roundBytes(int64(c.Blocks)*int64(c.Size)), c.bar())
	}
	return text.String()
}

const (
	classHead = "%8s %7s %9s %9s %9s %9s %11s   %s\n"
	classLine = "%8s %7d %9d %9d %9d %9d %11s   %s\n"
	barWidth  = 24
)

func (s *Stats) totals(text *strings.Builder) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(text, "%-10s%s\n", name, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
	limit, ofLimit := "none", ""
	if s.Limit != math.MaxInt64 {
		limit, ofLimit = roundBytes(s.Limit), percent(s.Held, s.Limit, " of limit")
	}
	line("limit", "%11s", limit)
	line("held", "%11s%s", roundBytes(s.Held), ofLimit)
	for _, part := range []struct {
		name string
		n    int64
	}{
		{"  live", s.Live},
		{"  cached", s.Cached},
		{"  idle", s.Idle},
		{"  waste", s.Held - s.Live - s.Cached - s.Idle},
	} {
		line(part.name, "%11s%s", roundBytes(part.n), percent(part.n, s.Held, " of held"))
	}
	line("peak", "%11s%s", roundBytes(s.Peak), "  was held at most")
	text.WriteByte('\n')

	line("handles", "%d live, %d made, %d watched, %d lost", s.Handles, s.HandlesMade, s.Watched, s.Leaks)
	perRefill := ""
	if s.Refills > 0 {
		perRefill = fmt.Sprintf(", one for %.1f handles made", float64(s.HandlesMade)/float64(s.Refills))
	}
	line("refills", "%d%s", s.Refills, perRefill)
	line("copied", "%s", roundBytes(s.Copied))
	pressed := "no"
	if s.Pressed {
		pressed = "yes"
	}
	line("pressure", "%s, began %d times", pressed, s.Pressures)
	line("refused", "%d allocations", s.Refused)
	line("trimmed", "%d chunks, %s", s.Trims, roundBytes(s.Trimmed))
	line("large", "%d blocks, %s", s.Large, roundBytes(s.LargeBytes))
}

// percent returns n as a share of whole, or nothing if there is no whole.
func percent(n, whole int64, of string) string {
	if whole <= 0 {
		return ""
	}
	return fmt.Sprintf("  %5.1f %%%s", 100*float64(n)/float64(whole), of)
}

// bar shows how many blocks of a class are live, cached and free. The part of the live ones is rounded up, so that one that keeps a
// chunk in place can be seen.
func (c *ClassStats) bar() string {
	if c.Blocks <= 0 {
		return ""
	}
	until := func(blocks int) int { // where the part of the first blocks ends
		return min(max(0, int(math.Ceil(barWidth*float64(blocks)/float64(c.Blocks)))), barWidth)
	}
	live := until(c.Live)
	used := max(live, until(c.Live+c.Cached))
	return strings.Repeat("#", live) + strings.Repeat("+", used-live) + strings.Repeat(".", barWidth-used)
}

// roundBytes returns n in the largest unit of which it has one, with one decimal.
func roundBytes(n int64) string {
	v, unit := inUnits(float64(n))
	if unit == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}

// exactBytes is roundBytes with as many decimals as n has: at most two, for the size of a class.
func exactBytes(n int) string {
	v, unit := inUnits(float64(n))
	return strconv.FormatFloat(v, 'f', -1, 64) + " " + unit
}

func inUnits(v float64) (float64, string) {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	for len(units) > 1 && math.Abs(v) >= 1<<10 {
		v, units = v/(1<<10), units[1:]
	}
	return v, units[0]
}
