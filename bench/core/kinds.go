package main

import (
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// What servers and their rounds are is the same for all benchmarks.
type (
	kind          = harness.Kind
	server        = harness.Server
	series[T any] = harness.Series[T]
	result        = harness.Result
	table         = figures.Table
)

const (
	floor      = harness.Floor
	floorAgain = harness.FloorAgain
)

var median = figures.Median

// maxPayload is the longest frame the servers are told to accept.
const maxPayload = "1048576"

// frameKinds are the servers that echo frame by frame.
func (b *bench) frameKinds() []kind {
	c := []string{b.Bin("c-frames"), "-max", maxPayload}
	all := []kind{{Name: floor, Argv: c}, {Name: floorAgain, Argv: c}}
	all = append(all, b.ropewalk("frames", "-loops", "1", "-max", maxPayload)...)
	return b.chosen(append(all,
		kind{Name: "gnet", Argv: []string{b.Bin("gnet"), "-mode", "frame", "-max", maxPayload}, Go: true},
		kind{Name: "gnet-flat", Argv: []string{b.Bin("gnet"), "-mode", "frameflat", "-max", maxPayload}, Go: true},
		kind{Name: "std", Argv: []string{b.Bin("std"), "-mode", "frame", "-max", maxPayload}, Go: true}))
}

// echoKinds are the servers that echo whatever a read brought.
func (b *bench) echoKinds() []kind {
	c := []string{b.Bin("c-echo")}
	all := []kind{{Name: floor, Argv: c}, {Name: floorAgain, Argv: c}}
	all = append(all, b.ropewalk("echo", "-loops", "1")...)
	return b.chosen(append(all,
		kind{Name: "gnet", Argv: []string{b.Bin("gnet"), "-mode", "raw"}, Go: true},
		kind{Name: "std", Argv: []string{b.Bin("std"), "-mode", "raw"}, Go: true}))
}

// ropewalk returns the builds of an example as kinds.
func (b *bench) ropewalk(example string, args ...string) []kind {
	var all []kind
	for i, binary := range b.examples[example] {
		argv := append([]string{binary, "-addr", "127.0.0.1:0"}, args...)
		all = append(all, kind{Name: []string{"ropewalk", "ropewalk-pgo"}[i], Argv: argv, Go: true})
	}
	return all
}

// chosen keeps the kinds that -servers asks for.
func (b *bench) chosen(all []kind) []kind {
	if len(b.servers) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(k kind) bool {
		return k.Name != floor && k.Name != floorAgain && !slices.Contains(b.servers, k.Name)
	})
}

// shipped leaves one row for each server: no second run of the floor, and of
// ropewalk only what a plain go build makes.
func shipped(all []kind) []kind {
	pgo := slices.ContainsFunc(all, func(k kind) bool { return k.Name == "ropewalk-pgo" })
	return slices.DeleteFunc(all, func(k kind) bool {
		return k.Name == floorAgain || k.Name == "gnet-flat" || pgo && k.Name == "ropewalk"
	})
}
