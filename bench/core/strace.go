package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// traced are the columns of the table and the system calls each stands for.
var traced = []struct {
	column string
	names  []string
}{
	{"read", []string{"read", "recvfrom", "readv", "recvmsg"}},
	{"write", []string{"write", "sendto", "writev", "sendmsg"}},
	{"wait", []string{"epoll_wait", "epoll_pwait", "epoll_pwait2"}},
	{"ring", []string{"io_uring_enter"}},
	{"epoll_ctl", []string{"epoll_ctl"}},
	{"futex", []string{"futex"}},
}

// strace counts system calls per message of framed echo. strace slows a
// server many times over, so bursts are larger and waits more than they are
// otherwise: the timed runs are other ones, and so is the part calls, which
// counts at full speed where the kernel allows it.
func (b *bench) strace() error {
	if _, err := exec.LookPath("strace"); err != nil {
		b.report.Logf("  strace is not installed: skipped")
		return nil
	}
	rows := b.servers
	if len(rows) == 0 {
		rows = append(slices.Clone(engineRows), "gnet", "std")
	}
	kinds := b.present(named(b.frameKinds(), rows...))
	for _, c := range b.shapes(callCells) {
		t := &table{Title: fmt.Sprintf("System calls per message (strace), frames %s", c), Columns: []string{"server", "all"}}
		for _, col := range traced {
			t.Columns = append(t.Columns, col.column)
		}
		t.Columns = append(t.Columns, "other", "mostly", "messages")
		for _, k := range kinds {
			b.report.Logf("  %s %s", k.Name, c)
			counts, msgs, err := b.count(k, c)
			if err != nil {
				return fmt.Errorf("%s: %w", k.Name, err)
			}
			t.Row(countRow(k.Name, counts, msgs)...)
		}
		b.report.Add(t)
	}
	return nil
}

func countRow(name string, counts map[string]float64, msgs float64) []string {
	all := 0.0
	for _, n := range counts {
		all += n
	}
	per := func(n float64) string { return fmt.Sprintf("%.3f", n/msgs) }
	row, rest := []string{name, per(all)}, all
	for _, col := range traced {
		n := 0.0
		for _, call := range col.names {
			n += counts[call]
			delete(counts, call)
		}
		row = append(row, per(n))
		rest -= n
	}
	most := "-" // of what has no column
	for call, n := range counts {
		if n > counts[most] {
			most = call
		}
	}
	return append(row, per(rest), most, fmt.Sprintf("%.0f", msgs))
}

// count attaches strace to a server, runs a short load, and returns the calls
// by name and the messages answered meanwhile.
func (b *bench) count(k kind, c cell) (map[string]float64, float64, error) {
	s, err := b.start(k)
	if err != nil {
		return nil, 0, err
	}
	defer s.Stop()
	out := b.Bin("strace.out")
	cmd := exec.CommandContext(b.ctx, "strace", "-c", "-f", "-p", strconv.Itoa(s.Pid()), "-o", out)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := harness.StartPinned(cmd, harness.LoadCPU); err != nil {
		return nil, 0, err
	}
	// It says "Process N attached" once it has all threads.
	said, err := bufio.NewReader(stderr).ReadString('\n')
	if err != nil || !strings.Contains(said, "attached") {
		cmd.Process.Kill()
		cmd.Wait()
		return nil, 0, fmt.Errorf("strace: %s %v", said, err)
	}
	time.Sleep(100 * time.Millisecond)
	r, loadErr := b.echo(s, c, 0.2, 0.8)
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	if loadErr != nil {
		return nil, 0, loadErr
	}
	counts, err := parseCounts(out)
	return counts, r.TotalMsgs, err
}

// parseCounts reads the summary of strace -c: the fourth column is the number
// of calls, the last one the name.
func parseCounts(name string) (map[string]float64, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	counts := map[string]float64{}
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) < 5 || f[len(f)-1] == "total" {
			continue
		}
		if n, err := strconv.ParseFloat(f[3], 64); err == nil {
			counts[f[len(f)-1]] = n
		}
	}
	if len(counts) == 0 {
		return nil, fmt.Errorf("no calls in strace's summary")
	}
	return counts, nil
}
