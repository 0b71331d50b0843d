package main

import (
	"fmt"
	"strings"
)

// A size is a length of file, and how often it is asked for.
type size struct {
	name       string // of the file too
	bytes      int64
	warm, cold int // requests in a round
	rounds     int // quick
	full       int // with -full
}

var allSizes = []size{
	{"4KiB", 4 << 10, 3000, 150, 5, 15},
	{"64KiB", 64 << 10, 2000, 100, 5, 15},
	{"1MiB", 1 << 20, 200, 40, 5, 15},
	{"1GiB", 1 << 30, 1, 1, 3, 9},
}

// large is the size of the relay, and of goals about streams.
const large = "1GiB"

// sizesOf returns the sizes with these names, all if there are none.
func sizesOf(names []string) ([]size, error) {
	if len(names) == 0 {
		return allSizes, nil
	}
	var some []size
	for _, name := range names {
		s, ok := sizeOf(name)
		if !ok {
			return nil, fmt.Errorf("no size %q, but %s", name, sizeNames())
		}
		some = append(some, s)
	}
	return some, nil
}

func sizeOf(name string) (size, bool) {
	for _, s := range allSizes {
		if s.name == name {
			return s, true
		}
	}
	return size{}, false
}

func sizeNames() string {
	var names []string
	for _, s := range allSizes {
		names = append(names, s.name)
	}
	return strings.Join(names, ",")
}

// requests returns how many are made in a round.
func (s size) requests(cache string) int {
	if cache == "cold" {
		return s.cold
	}
	return s.warm
}

// roundsOf returns how many rounds a cell gets.
func (l *lab) roundsOf(s size) int {
	switch {
	case l.rounds > 0:
		return l.rounds
	case l.full:
		return s.full
	}
	return s.rounds
}
