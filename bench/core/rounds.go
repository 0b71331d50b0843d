package main

import (
	"errors"
	"slices"
)

var errNothing = errors.New("not one message came back")

// rounds measures every kind once a round: A B C ..., and in odd rounds the
// other way round, so that a phase of noise, which lasts longer than a run,
// meets all of them alike. The servers are started before and stopped after.
func rounds[T any](b *bench, kinds []kind, n int, measure func(*server) (*T, error)) ([]series[T], error) {
	var servers []*server
	defer func() {
		for _, s := range servers {
			s.stop()
		}
	}()
	all := make([]series[T], len(kinds))
	for i, k := range kinds {
		s, err := b.start(k)
		if err != nil {
			return nil, err
		}
		servers = append(servers, s)
		all[i] = series[T]{kind: k, runs: make([]*T, n)}
	}
	order := make([]int, len(kinds))
	for i := range order {
		order[i] = i
	}
	for round := range n {
		for _, i := range order {
			r, err := measure(servers[i])
			if b.ctx.Err() != nil {
				return nil, b.ctx.Err()
			}
			if err != nil {
				b.logf("  round %d dropped: %v", round, err)
				continue
			}
			all[i].runs[round] = r
		}
		slices.Reverse(order)
	}
	return all, nil
}

// find returns the series of a server.
func find[T any](all []series[T], name string) (series[T], bool) {
	i := slices.IndexFunc(all, func(s series[T]) bool { return s.kind.name == name })
	if i < 0 {
		return series[T]{}, false
	}
	return all[i], true
}
