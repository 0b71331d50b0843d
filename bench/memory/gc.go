package main

import (
	"fmt"
	"slices"
)

// gcRounds is the most rounds of gc: a child fills gigabytes each time.
const gcRounds = 3

// gc measures what a forced collection costs when many bytes are live: in
// buffers of a pool, in slices on the Go heap, in records with pointers.
func (b *bench) gc() error {
	total := int64(b.gib * (1 << 30))
	if free := available(); float64(free) < 1.3*float64(total) {
		b.report.add(&table{Title: "gc: left out", Notes: []string{fmt.Sprintf(
			"%s MiB live need 1.3 times that, and only %s MiB are available; try a smaller -gib", mib(total), mib(free))}})
		return nil
	}
	for _, c := range []struct {
		size  int
		bytes int64
	}{{1 << 20, total}, {64 << 10, total}, {1 << 10, total / 8}} {
		if err := b.gcTable(c.size, c.bytes); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) gcTable(size int, bytes int64) error {
	kinds := []string{gcNone, gcPool, gcMake, gcRecord}
	found := map[string][]collection{}
	for range min(b.rounds, gcRounds) {
		for _, kind := range kinds {
			b.logf("  gc %s %s", kind, bytesName(size))
			var c collection
			if err := b.inChild(childTask{Run: "gc", Row: kind, Size: size, Bytes: bytes}, &c); err != nil {
				return err
			}
			found[kind] = append(found[kind], c)
		}
		slices.Reverse(kinds)
	}
	t := &table{
		Title:   fmt.Sprintf("gc: %s MiB live in %d buffers of %s, one forced collection", mib(bytes), bytes/int64(size), bytesName(size)),
		Columns: []string{"", "wall ms", "x none", "CPU ms", "mark CPU ms", "pauses us", "longest us", "Go heap MiB", "RSS MiB"},
	}
	column := func(kind string, f func(collection) float64) []float64 {
		var out []float64
		for _, c := range found[kind] {
			out = append(out, f(c))
		}
		return out
	}
	wall := func(c collection) float64 { return c.Wall }
	for _, kind := range []string{gcNone, gcPool, gcMake, gcRecord} {
		b.report.keep("gc", bytesName(size), kind, found[kind])
		t.Row(kind, figure(median(column(kind, wall))), figure(median(ratios(column(kind, wall), column(gcNone, wall)))),
			figure(median(column(kind, func(c collection) float64 { return c.CPU }))),
			figure(median(column(kind, func(c collection) float64 { return c.Mark }))),
			figure(median(column(kind, func(c collection) float64 { return c.Pauses }))),
			figure(median(column(kind, func(c collection) float64 { return c.Longest }))),
			mib(found[kind][0].Heap), mib(found[kind][0].Resident))
	}
	b.report.add(t)
	return nil
}
