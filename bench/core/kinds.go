package main

import (
	"slices"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/verify"
)

// What servers and their rounds are is the same for all benchmarks.
type (
	kind          = harness.Kind
	server        = harness.Server
	series[T any] = harness.Series[T]
	result        = harness.Result
	table         = figures.Table
	cell          = echo.Shape
	openResult    = echo.OpenResult
)

// Rows that the code names.
const (
	floor      = harness.Floor
	floorAgain = harness.FloorAgain

	onEpoll      = "ropewalk" // in every part: the same engine, whatever the default is
	onEpollPGO   = "ropewalk-pgo"
	onEpollAgain = "ropewalk again"
	onUring      = "ropewalk-uring"
	onStd        = "ropewalk-std"
	onGnet       = "ropewalk-gnet"

	ringFloor      = "c-uring"
	ringFloorPlain = "c-uring-plain"
)

// standard are the rows of a part that -servers says nothing about.
var standard = []string{floor, floorAgain, copying, onEpoll, onEpollPGO, "gnet", "gnet-flat", "std"}

var median = figures.Median

// maxPayload is the longest frame the servers are told to accept.
const maxPayload = "1048576"

// frameKinds are the servers that echo frame by frame.
func (b *bench) frameKinds() []kind {
	c := []string{b.Bin("c-frames"), "-max", maxPayload}
	all := []kind{{Name: floor, Argv: c}, {Name: floorAgain, Argv: c}}
	all = append(all, b.ringFloors("-mode", "frame", "-max", maxPayload)...)
	all = append(all, b.ropewalk("frames", "-loops", "1", "-max", maxPayload)...)
	return append(all,
		kind{Name: "gnet", Argv: []string{b.Bin("gnet"), "-mode", "frame", "-max", maxPayload}, Go: true},
		kind{Name: "gnet-flat", Argv: []string{b.Bin("gnet"), "-mode", "frameflat", "-max", maxPayload}, Go: true},
		kind{Name: "std", Argv: []string{b.Bin("std"), "-mode", "frame", "-max", maxPayload}, Go: true})
}

// ringFloors are the floors on io_uring, which a system may refuse.
func (b *bench) ringFloors(args ...string) []kind {
	row := func(name, buffers string) kind {
		return kind{Name: name, Argv: append([]string{b.Bin("c-uring"), "-buffers", buffers}, args...), Optional: true}
	}
	return []kind{row(ringFloor, "incremental"), row(ringFloorPlain, "plain")}
}

// ropewalk returns an example as kinds: on epoll, as it is and with its profile, and on the other engines.
func (b *bench) ropewalk(example string, args ...string) []kind {
	var all []kind
	row := func(name, build, engine string) {
		argv := append([]string{build, "-addr", "127.0.0.1:0", "-engine", engine}, args...)
		all = append(all, kind{Name: name, Argv: argv, Go: true, Optional: engine != "epoll"})
	}
	for i, build := range b.examples[example] {
		row([]string{onEpoll, onEpollPGO}[i], build, "epoll")
	}
	if len(all) > 0 {
		plain := b.examples[example][0]
		row(onEpollAgain, plain, "epoll")
		row(onUring, plain, "uring")
		row(onStd, plain, "std")
		row(onGnet, plain, "gnet")
	}
	return all
}

// named keeps the kinds with these names.
func named(all []kind, names ...string) []kind {
	return slices.DeleteFunc(slices.Clone(all), func(k kind) bool { return !slices.Contains(names, k.Name) })
}

// chosen keeps the kinds that -servers asks for and the floor, or the standard ones if it says nothing.
func (b *bench) chosen(all []kind) []kind {
	if len(b.servers) == 0 {
		return named(all, standard...)
	}
	return named(all, append([]string{floor, floorAgain, copying}, b.servers...)...)
}

// shipped leaves one row for each server: no second run of anything, and of ropewalk only what a plain go build makes.
func shipped(all []kind) []kind {
	pgo := slices.ContainsFunc(all, func(k kind) bool { return k.Name == onEpollPGO })
	return slices.DeleteFunc(all, func(k kind) bool {
		return k.Name == floorAgain || k.Name == onEpollAgain || k.Name == "gnet-flat" || pgo && k.Name == onEpoll
	})
}

// isOurs tells whether a row is one of ropewalk.
func isOurs(k kind) bool { return strings.HasPrefix(k.Name, onEpoll) }

func names(kinds []kind) string {
	var all []string
	for _, k := range kinds {
		all = append(all, k.Name)
	}
	return strings.Join(all, ", ")
}

// present leaves out optional servers that do not start here, and remembers why.
func (b *bench) present(kinds []kind) []kind {
	var there []kind
	for _, k := range kinds {
		if k.Optional {
			s, err := b.start(k)
			if err != nil {
				b.report.Logf("  missing: %v", err)
				b.absent[k.Name] = err.Error()
				continue
			}
			s.Stop()
		}
		there = append(there, k)
	}
	return there
}

// verified returns the kinds of framed echo that answer every byte right, and notes the others as failures. Each is asked once in a run.
func (b *bench) verified(kinds []kind) []kind {
	var good []kind
	for _, k := range b.present(kinds) {
		if k.Name != floorAgain && k.Name != onEpollAgain && !b.checked[k.Name] {
			if err := b.verify(k); err != nil {
				b.report.Fail("%s: wrong answers, so it is not timed: %v", k.Name, err)
				continue
			}
			b.checked[k.Name] = true
		}
		good = append(good, k)
	}
	return good
}

func (b *bench) verify(k kind) error {
	s, err := b.start(k)
	if err != nil {
		return err
	}
	defer s.Stop()
	return verify.Echo(b.ctx, b.Bin("load"), s, "frame", 100*time.Millisecond)
}
