// Package web is what the benchmarks of HTTP share: the files that are served, nginx as one process, and a look at every answer
// before a server is timed.
//
//	NewFolder ──► small.bin, large.bin and their sums ──► VerifyFiles
//	Nginx ──────► harness.Kind
package web
