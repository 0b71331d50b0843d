package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// Messages through the relay: bytes, connections, and how many are outstanding on each.
const messageSize, messageConns = 64, 64

var messageDepths = []int{1, 32}

// relayMessages measures proxies between the load generator and an echo in C.
func (l *lab) relayMessages() error {
	back, err := l.backend(kind{Name: "c echo", Argv: []string{l.Bin("echo")}})
	if err != nil {
		return err
	}
	defer back.Stop()
	servers := l.startProxies(back.Port, l.full)
	defer func() { stopAll(servers) }()
	servers = slices.DeleteFunc(servers, func(s *server) bool {
		for _, depth := range messageDepths {
			if _, err := l.messages(s, depth, l.seconds/3, "-verify"); err != nil {
				l.report.Fail("%s: wrong answers, so it is not timed: %v", s.Name, err)
				l.absent[s.Name] = "wrong answers"
				s.Stop()
				return true
			}
		}
		return false
	})
	rounds := 7
	if l.full {
		rounds = 21
	}
	if l.rounds > 0 {
		rounds = l.rounds
	}
	for _, depth := range messageDepths {
		cell := fmt.Sprintf("%d/%d/%d", messageSize, messageConns, depth)
		l.report.Logf("  messages %s through proxies, %d rounds", cell, rounds)
		calls, why := l.messageCalls(servers, depth)
		all, err := harness.Interleave(l.ctx, l.report.Logf, servers, rounds, func(s *server) (*harness.Result, error) {
			return l.messages(s, depth, l.seconds)
		})
		if err != nil {
			return err
		}
		l.messageTable(cell, all, calls, why)
		harness.Keep(&l.report, "relay", cell, all)
		ours, ok := harness.Find(all, ourRelay)
		floor, ok2 := harness.Find(all, copyProxy)
		goal(l, ok, ok2, fmt.Sprintf("relay, messages %s: CPU of %s / %s", cell, ourRelay, copyProxy), copyProxy,
			harness.Ratios(ours, floor, cpuOf))
	}
	return nil
}

func cpuOf(r *harness.Result) float64 { return r.CPU }

// messages sends messages for so long, and a third of that before.
func (l *lab) messages(s *server, depth int, seconds float64, extra ...string) (*harness.Result, error) {
	r := new(harness.Result)
	args := append([]string{"-m", "raw", "-s", strconv.Itoa(messageSize), "-c", strconv.Itoa(messageConns), "-d", strconv.Itoa(depth),
		"-w", fmt.Sprint(seconds / 3), "-t", fmt.Sprint(seconds)}, extra...)
	return r, harness.Load(l.ctx, l.Bin("load"), s, 20*time.Second, r, args...)
}

// messageCalls counts system calls for each message, those for connecting included.
func (l *lab) messageCalls(servers []*server, depth int) (map[string]float64, error) {
	calls := map[string]float64{}
	for _, s := range servers {
		counter, err := harness.Count(s.Pid(), nil)
		if err != nil {
			return calls, err
		}
		r, err := l.messages(s, depth, l.seconds/2)
		n, err2 := counter.Counts()
		counter.Close()
		if err == nil && err2 == nil {
			calls[s.Name] = n.All / r.TotalMsgs
		}
	}
	return calls, nil
}

func (l *lab) messageTable(cell string, all []series[harness.Result], calls map[string]float64, why error) {
	t := &table{Title: "Messages " + cell + " (bytes/connections/outstanding) through a proxy to an echo in C; the cost is the proxy's",
		Columns: []string{"proxy", "CPU", "quartiles", "CPU ns", "user", "sys", "calls", "mode sw", "msg/s", "p50 us", "p99 us", "busy"}}
	base, _ := harness.Find(all, copyProxy)
	of := func(s series[harness.Result], what func(*harness.Result) float64) float64 {
		return median(harness.Values(s, what))
	}
	for _, s := range all {
		cpu, ns, user := harness.SpreadOf(harness.Ratios(s, base, cpuOf)), of(s, cpuOf), harness.UserShare(s)
		row := []string{s.Kind.Name, ratio(cpu.Median), ratio(cpu.Q1) + "-" + ratio(cpu.Q3), figure(ns), figure(ns * user),
			figure(ns * (1 - user)), "-", "-"}
		if n, ok := calls[s.Kind.Name]; ok {
			row[6], row[7] = figure(n), figure(2*n)
		}
		t.Row(append(row, figure(median(harness.Ratios(s, base, (*harness.Result).Rate))),
			figure(of(s, func(r *harness.Result) float64 { return r.P50 })), figure(of(s, func(r *harness.Result) float64 { return r.P99 })),
			ratio(of(s, func(r *harness.Result) float64 { return r.Busy })))...)
	}
	t.Note("a message passes the proxy twice, so it costs at least two receipts and two sends")
	if why != nil {
		t.Note("system calls were not counted: %v", why)
	}
	l.noteAbsent(t)
	harness.NoteBandOf(t, all, copyProxy, copyAgain, cpuOf)
	l.report.Add(t)
}
