package main

import (
	"fmt"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// A claim is what the textbook says about reading a file from a disk and sending it to a network card.
type claim struct {
	row                 string // the row that shows it
	what                string // unless it is that
	cpu, dma, switching int    // copies by the CPU and by DMA, switches between user and kernel mode
}

var claims = []claim{
	{row: copying, cpu: 2, dma: 2, switching: 4},
	{row: mapping, cpu: 1, dma: 2, switching: 4},
	{row: sending, cpu: 1, dma: 2, switching: 2},
	{row: sending, what: "sendfile, gathering card", cpu: 0, dma: 2, switching: 2},
}

// saying is the share of time that transferTo, which is sendfile, is said to save against read and write.
const saying = 65

// textbook puts claims beside what was measured.
func (l *lab) textbook(cells []*cell) {
	t := &table{Title: "The textbook beside the measurement: copies by CPU / by DMA / mode switches",
		Columns: []string{"way", "textbook", "copies by CPU", "from disk, cold", "mode sw, 64KiB", "mode sw, 1GiB", "faults, 1GiB"}}
	warm64, cold, warm1G := cellOf(cells, "64KiB", "warm"), cellOf(cells, large, "cold"), cellOf(cells, large, "warm")
	for _, c := range claims {
		name, copies := c.row, "1"
		switch {
		case c.what != "":
			name, copies = c.what, "not seen here"
		case c.row == copying:
			copies = "2"
		case c.row == sending:
			copies = "0"
		}
		t.Row(name, fmt.Sprintf("%d/%d/%d", c.cpu, c.dma, c.switching), copies, cold.show(c.row, disk),
			warm64.modeSwitches(c.row), warm1G.modeSwitches(c.row), warm1G.show(c.row, faults))
	}
	t.Note("mode switches are 2 x the calls that were counted, without the receipt of the request; faults come on top, each one more way in " +
		"and out. The book sends a file by one write: read+write has 64 KiB pieces, and a blocking `send` or sendfile of 1 GiB is one call, " +
		"or a few (a call moves 2 GiB at most)")
	t.Note("copies by CPU: out of the manual pages and the kernel's sources, not measured: read copies out of the page cache, `send` " +
		"into the socket, sendfile and splice pass references to pages. The CPU column of the tables is what that comes to")
	t.Note("the book's one copy of sendfile is from the page cache into the socket; Linux passes references for any card, and gathers them into a " +
		"linear packet only for a card that cannot. Loopback takes them as they are: the 1 is not there, and the receiver, which drops here, " +
		"would make the copy out of the page cache when it reads")
	t.Note("DMA: from disk is what /proc/PID/io says was read, bytes for each byte sent. The other DMA copy, memory to card, does not " +
		"happen on loopback, nor does gathering; checksums are left out too")
	l.report.Add(t)
	l.report.Add(savedTable(cells))
}

// savedTable shows how much of the time sendfile saves.
func savedTable(cells []*cell) *table {
	t := &table{Title: fmt.Sprintf("\"%d %% less time\": what sendfile saves against read+write", saying),
		Columns: []string{"file", "wall", "CPU of the sender"}}
	for _, c := range cells {
		fast, ok := harness.Find(c.all, sending)
		slow, ok2 := harness.Find(c.all, copying)
		if ok && ok2 {
			t.Row(c.String(), saved(harness.Ratios(fast, slow, (*fetched).wall)), saved(harness.Ratios(fast, slow, (*fetched).cpu)))
		}
	}
	t.Note("medians of the ratios within a round. The saying is about elapsed time between two machines; here the receiver drops what it gets, " +
		"and wall time is the slower of the two sides, or the disk")
	return t
}

func saved(ratios []float64) string {
	if len(ratios) == 0 {
		return "-"
	}
	return fmt.Sprintf("%+.0f %%", 100*(median(ratios)-1))
}

// cellOf finds a cell; it is nil if that was not measured.
func cellOf(cells []*cell, size, cache string) *cell {
	for _, c := range cells {
		if c.size.name == size && c.cache == cache {
			return c
		}
	}
	return nil
}

// modeSwitches writes those of a request without its receipt, which is one call of these senders.
func (c *cell) modeSwitches(row string) string {
	if c == nil {
		return "-"
	}
	n, ok := c.calls[row]
	if !ok {
		return "-"
	}
	return figure(2 * (n - 1))
}

// show writes something of a row.
func (c *cell) show(row string, what func(series[fetched]) string) string {
	if c == nil {
		return "-"
	}
	s, ok := harness.Find(c.all, row)
	if !ok {
		return "-"
	}
	return what(s)
}

func faults(s series[fetched]) string {
	return each(s, func(f *fetched) float64 { return f.Minor + f.Major })
}
