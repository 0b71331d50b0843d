package main

import (
	"fmt"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"golang.org/x/sys/unix"
)

// callGroups are the columns of the table.
var callGroups = []harness.CallGroup{
	{Name: "read", Numbers: []int{unix.SYS_READ, unix.SYS_RECVFROM, unix.SYS_READV, unix.SYS_RECVMSG}},
	{Name: "write", Numbers: []int{unix.SYS_WRITE, unix.SYS_SENDTO, unix.SYS_WRITEV, unix.SYS_SENDMSG}},
	{Name: "wait", Numbers: epollWaits},
	{Name: "ring", Numbers: []int{unix.SYS_IO_URING_ENTER}},
	{Name: "epoll_ctl", Numbers: []int{unix.SYS_EPOLL_CTL}},
	{Name: "futex", Numbers: []int{unix.SYS_FUTEX}},
}

// callCells are the cells counted.
var callCells = []cell{{Size: 64, Conns: 64, Depth: 1}, {Size: 64, Conns: 64, Depth: 32}}

// mostCalls are the most that io_uring may take for a message.
var mostCalls = map[cell]float64{{Size: 64, Conns: 64, Depth: 1}: 0.15, {Size: 64, Conns: 64, Depth: 32}: 0.02}

// engineRows are one row for each engine, and the floors.
var engineRows = []string{floor, ringFloor, onEpoll, onUring, onStd, onGnet}

// calls counts system calls per message of framed echo at full speed, by a tracepoint of the kernel. Connecting is counted too,
// some calls for each of the connections.
func (b *bench) calls() error {
	rows := engineRows
	if len(b.servers) > 0 {
		rows = b.servers
	}
	kinds := b.present(named(b.frameKinds(), rows...))
	for _, c := range b.shapes(callCells) {
		b.callTable(c, kinds)
	}
	return b.ctx.Err()
}

func (b *bench) callTable(c cell, kinds []kind) {
	t := &table{Title: fmt.Sprintf("System calls per message (tracepoint), frames %s", c), Columns: []string{"server", "all"}}
	for _, g := range callGroups {
		t.Columns = append(t.Columns, g.Name)
	}
	t.Columns = append(t.Columns, "other", "switches", "messages", "busy")
	most, promised := mostCalls[c]
	goal := fmt.Sprintf("%s: calls per message of %s", c, onUring)
	for _, k := range kinds {
		b.report.Logf("  %s %s", k.Name, c)
		n, r, err := b.countCalls(k, c)
		if err != nil {
			t.Note("%s: %v", k.Name, err)
			if k.Name == onUring && promised {
				b.report.Goals.NotMeasured(most, "see its table", "%s", goal)
			}
			continue
		}
		row, rest := []string{k.Name, perMessage(n.All, r)}, n.All
		for _, calls := range n.Group {
			row = append(row, perMessage(calls, r))
			rest -= calls
		}
		t.Row(append(row, perMessage(rest, r), perMessage(n.Switches, r), fmt.Sprintf("%.0f", r.TotalMsgs), fmt.Sprintf("%.2f", r.Busy))...)
		if k.Name == onUring && promised {
			b.report.Goals.AtMost(most, n.All/r.TotalMsgs, "%s", goal)
		}
	}
	if why := b.why(onUring); why != "" && promised {
		b.report.Goals.NotMeasured(most, why, "%s", goal)
	}
	b.report.Add(t)
}

func perMessage(calls float64, r *result) string { return fmt.Sprintf("%.3f", calls/r.TotalMsgs) }

// countCalls counts while a server answers, once it has all its threads.
func (b *bench) countCalls(k kind, c cell) (harness.Counts, *result, error) {
	s, err := b.start(k)
	if err != nil {
		return harness.Counts{}, nil, err
	}
	defer s.Stop()
	if _, err := b.echo(s, c, 0, 0.2); err != nil {
		return harness.Counts{}, nil, err
	}
	time.Sleep(100 * time.Millisecond) // for the connections to be closed
	counter, err := harness.Count(s.Pid(), callGroups)
	if err != nil {
		return harness.Counts{}, nil, err
	}
	defer counter.Close()
	r, err := b.echo(s, c, b.warm, max(b.time, 0.4))
	if err != nil {
		return harness.Counts{}, nil, err
	}
	n, err := counter.Counts()
	return n, r, err
}
