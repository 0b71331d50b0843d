// Package harness is what the benchmarks of servers have in common: it builds and starts servers and the load
// generator, each on its own CPU, measures servers in interleaved rounds, and compares them within a round.
//
//	Kind ── Start ──► Server ── Rounds: A B C, C B A, ... ──► Series ── Ratios, SpreadOf ──► table
//	                    ▲
//	                    Load, Hold: the load generator in C
//
// A figure is compared only with the figure of another server in the same round, and the median of such ratios is
// what counts; NoteBand says when a server differs from itself so much that they mean nothing.
package harness
