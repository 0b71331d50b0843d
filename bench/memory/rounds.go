package main

import (
	"runtime"
	"slices"
	"time"
)

// A contender is a row of a table: measure runs for about d and returns a
// figure. A contender that cannot run here has no measure.
type contender struct {
	name    string
	measure func(d time.Duration) (float64, error)
}

// series is what a contender's rounds came to.
type series struct {
	name   string
	values []float64
}

// interleave measures every contender once a round: A B C ..., and in odd
// rounds the other way round, so that a phase of noise, which lasts longer than
// a measurement, meets all of them alike.
func (b *bench) interleave(rows []contender) ([]series, error) {
	all := make([]series, len(rows))
	order := make([]int, len(rows))
	for i := range rows {
		all[i].name, order[i] = rows[i].name, i
	}
	for range b.rounds {
		for _, i := range order {
			if rows[i].measure == nil {
				continue
			}
			if b.ctx.Err() != nil {
				return nil, b.ctx.Err()
			}
			runtime.GC() // what the one before left behind is not this one's to collect
			v, err := rows[i].measure(b.time)
			if err != nil {
				return nil, err
			}
			all[i].values = append(all[i].values, v)
		}
		slices.Reverse(order)
	}
	return all, nil
}

// find returns the values of a row.
func find(all []series, name string) []float64 {
	for _, s := range all {
		if s.name == name {
			return s.values
		}
	}
	return nil
}

// timed returns the nanoseconds of one operation. It warms up for a tenth of d
// and measures for d. loop does n operations.
func timed(d time.Duration, loop func(n int)) float64 {
	spend(d/10, loop)
	n, took := spend(d, loop)
	return float64(took.Nanoseconds()) / float64(n)
}

// spend runs loop until d has passed. It makes n so large that reading the
// clock costs nothing.
func spend(d time.Duration, loop func(n int)) (ops int, took time.Duration) {
	batch := 16
	for start := time.Now(); took < d; {
		before := took
		loop(batch)
		ops += batch
		took = time.Since(start)
		if took-before < min(d/20, time.Millisecond) {
			batch *= 2
		}
	}
	return ops, took
}
