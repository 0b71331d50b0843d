package harness

import (
	"context"
	"slices"
)

// Rounds measures every kind once a round: A B C ..., and in odd rounds the other way round, so that a phase of noise,
// which lasts longer than a run, meets all of them alike. The servers are started before and stopped after. A measurement
// that fails is logged and leaves its place empty.
func Rounds[T any](ctx context.Context, logf func(string, ...any), kinds []Kind, n int,
	measure func(*Server) (*T, error)) ([]Series[T], error) {

	var servers []*Server
	defer func() {
		for _, s := range servers {
			s.Stop()
		}
	}()
	for _, k := range kinds {
		s, err := Start(ctx, k)
		if err != nil {
			return nil, err
		}
		servers = append(servers, s)
	}
	return Interleave(ctx, logf, servers, n, measure)
}

// Interleave is Rounds with servers that run already.
func Interleave[T any](ctx context.Context, logf func(string, ...any), servers []*Server, n int,
	measure func(*Server) (*T, error)) ([]Series[T], error) {

	all := make([]Series[T], len(servers))
	order := make([]int, len(servers))
	for i, s := range servers {
		all[i] = Series[T]{Kind: s.Kind, Runs: make([]*T, n)}
		order[i] = i
	}
	for round := range n {
		for _, i := range order {
			r, err := measure(servers[i])
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				logf("  round %d dropped: %v", round, err)
				continue
			}
			all[i].Runs[round] = r
		}
		slices.Reverse(order)
	}
	return all, nil
}
