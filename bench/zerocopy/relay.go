package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// relay measures proxies: files that come through them, and short messages that go there and back.
func (l *lab) relay() error {
	if err := l.relayFiles(); err != nil {
		return err
	}
	return l.relayMessages()
}

// relaySizes are the files that go through proxies: without -full not all of them.
func (l *lab) relaySizes() []size {
	return slices.DeleteFunc(slices.Clone(l.sizes), func(s size) bool {
		return !l.full && s.name != "64KiB" && s.name != large && !l.someSizes
	})
}

// relayFiles measures proxies between a client and a sender that sends by sendfile.
func (l *lab) relayFiles() error {
	sizes := l.relaySizes()
	root, err := l.makeFiles(sizes)
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	from, _ := wayOf("sendfile")
	back, err := l.backend(l.kind(from, root))
	if err != nil {
		return err
	}
	defer back.Stop()
	servers := l.startProxies(back.Port, true)
	defer func() { stopAll(servers) }()
	l.report.Logf("  comparing what arrives")
	servers = slices.DeleteFunc(servers, func(s *server) bool {
		var names []string
		for _, z := range sizes {
			names = append(names, z.name)
		}
		err := l.take(s.Port, root, names)
		if err != nil {
			l.report.Fail("%s: wrong bytes, so it is not timed: %v", s.Name, err)
			l.absent[s.Name] = "wrong bytes"
			s.Stop()
		}
		return err != nil
	})
	for _, z := range sizes {
		c := &cell{size: z, cache: "warm"}
		l.report.Logf("  %s through proxies, %d rounds", z.name, l.roundsOf(z))
		if err := l.measure(c, servers, filepath.Join(root, z.name)); err != nil {
			return err
		}
		t := c.costTable(fmt.Sprintf("A file of %s, warm: C sendfile -> proxy -> client; the cost is the proxy's", z.name), copyProxy, nil)
		l.noteAbsent(t)
		c.noteUnsettled(t)
		l.report.Add(t)
		harness.Keep(&l.report, "relay", c.String(), c.all)
		l.report.Runs = append(l.report.Runs, harness.Runs{Experiment: "relay", Cell: c.String(), Server: callsOf, Rounds: c.calls})
		if z.name == large {
			l.streamGoals(c)
		}
	}
	return nil
}

func (l *lab) noteAbsent(t *table) {
	for _, name := range []string{copyProxy, copyAgain, spliceProxy, goProxy, haproxyRow, ourRelay, ourEpoll, ourTapped, ourCopying} {
		if why := l.absent[name]; why != "" {
			t.Note("%s is not there: %s", name, why)
		}
	}
}

// streamGoals are the promises about streams.
func (l *lab) streamGoals(c *cell) {
	for _, other := range []string{haproxyRow, goProxy} {
		ours, ok := harness.Find(c.all, ourRelay)
		theirs, ok2 := harness.Find(c.all, other)
		goal(l, ok, ok2, fmt.Sprintf("relay, %s: CPU of %s / %s", c.size.name, ourRelay, other), other,
			harness.Ratios(ours, theirs, (*fetched).cpu))
	}
}

// goal notes that a ratio should not be above 1.
func goal(l *lab, ours, theirs bool, what, other string, ratios []float64) {
	switch {
	case !ours:
		l.report.Goals.NotMeasured(1, l.absent[ourRelay], "%s", what)
	case !theirs:
		l.report.Goals.NotMeasured(1, l.absent[other], "%s", what)
	default:
		l.report.Goals.AtMost(1, median(ratios), "%s", what)
	}
}
