package main

import "slices"

// kind is a server that can be started.
type kind struct {
	name string
	argv []string
	inGo bool // GOMAXPROCS and GOGC mean something to it
}

// The names of the floor and of the same binary run once more: how far "c
// again" is from "c" is what this machine cannot tell apart just now.
const (
	floor      = "c"
	floorAgain = "c again"
)

// maxPayload is the longest frame the servers are told to accept.
const maxPayload = "1048576"

// frameKinds are the servers that echo frame by frame.
func (b *bench) frameKinds() []kind {
	c := []string{b.bin("c-frames"), "-max", maxPayload}
	all := []kind{{name: floor, argv: c}, {name: floorAgain, argv: c}}
	all = append(all, b.ropewalk("frames", "-loops", "1", "-max", maxPayload)...)
	return b.chosen(append(all,
		kind{"gnet", []string{b.bin("gnet"), "-mode", "frame", "-max", maxPayload}, true},
		kind{"gnet-flat", []string{b.bin("gnet"), "-mode", "frameflat", "-max", maxPayload}, true},
		kind{"std", []string{b.bin("std"), "-mode", "frame", "-max", maxPayload}, true}))
}

// echoKinds are the servers that echo whatever a read brought.
func (b *bench) echoKinds() []kind {
	c := []string{b.bin("c-echo")}
	all := []kind{{name: floor, argv: c}, {name: floorAgain, argv: c}}
	all = append(all, b.ropewalk("echo", "-loops", "1")...)
	return b.chosen(append(all,
		kind{"gnet", []string{b.bin("gnet"), "-mode", "raw"}, true},
		kind{"std", []string{b.bin("std"), "-mode", "raw"}, true}))
}

// ropewalk returns the builds of an example as kinds.
func (b *bench) ropewalk(example string, args ...string) []kind {
	var all []kind
	for i, binary := range b.examples[example] {
		argv := append([]string{binary, "-addr", "127.0.0.1:0"}, args...)
		all = append(all, kind{[]string{"ropewalk", "ropewalk-pgo"}[i], argv, true})
	}
	return all
}

// chosen keeps the kinds that -servers asks for.
func (b *bench) chosen(all []kind) []kind {
	if len(b.servers) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(k kind) bool {
		return k.name != floor && k.name != floorAgain && !slices.Contains(b.servers, k.name)
	})
}

// shipped leaves one row for each server: no second run of the floor, and of
// ropewalk only what a plain go build makes.
func shipped(all []kind) []kind {
	pgo := slices.ContainsFunc(all, func(k kind) bool { return k.name == "ropewalk-pgo" })
	return slices.DeleteFunc(all, func(k kind) bool {
		return k.name == floorAgain || k.name == "gnet-flat" || pgo && k.name == "ropewalk"
	})
}
