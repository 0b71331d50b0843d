package main

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"time"
)

// settle is how long memory is given to settle once all connections are idle.
const settle = 4 * time.Second

// idle measures the memory of connections that have spoken once and are
// silent since. Go servers run with the default GOGC, and once more with a
// small one, which comes near to what is in use: between collections a Go
// heap may be twice as large as that.
func (b *bench) idle() error {
	t := &table{
		Title: fmt.Sprintf("Idle memory: %d connections, one 64 B frame echoed on each", b.idleConns),
		Columns: []string{"server", "GOGC", "before MiB", "all open MiB", "settled MiB",
			"B/conn settled", "closed MiB"},
	}
	for _, k := range shipped(b.frameKinds()) {
		settings := []string{""}
		if k.inGo {
			settings = []string{"", "20"}
		}
		for _, gogc := range settings {
			b.logf("  %s GOGC=%s", k.name, gogc)
			if err := b.idleRow(t, k, gogc); err != nil {
				return err
			}
		}
	}
	t.Note("memory of the process; sockets take kernel memory besides, the same for all")
	b.report.add(t)
	return nil
}

func (b *bench) idleRow(t *table, k kind, gogc string) error {
	var env []string
	label := "-"
	if k.inGo {
		label = "default"
	}
	if gogc != "" {
		env, label = []string{"GOGC=" + gogc}, gogc
	}
	s, err := b.start(k, env...)
	if err != nil {
		return err
	}
	defer s.stop()
	// What a server allocates on its first messages belongs to the base.
	if _, err := b.echo(s, "frame", cell{64, 8, 4}, 0, 0.1); err != nil {
		return err
	}
	time.Sleep(time.Second / 2)
	before, err := rss(s.pid())
	if err != nil {
		return err
	}
	held, err := b.hold(s, b.idleConns)
	if err != nil {
		return err
	}
	defer held.release()
	open, _ := rss(s.pid())
	time.Sleep(settle)
	settled, err := rss(s.pid())
	if err != nil {
		return err
	}
	if n := descriptors(s.pid()); n < b.idleConns {
		return fmt.Errorf("%s has only %d open files", k.name, n)
	}
	held.release()
	time.Sleep(time.Second)
	closed, _ := rss(s.pid())
	t.Row(k.name, label, mib(before), mib(open), mib(settled),
		fmt.Sprintf("%.0f", float64(settled-before)/float64(b.idleConns)), mib(closed))
	return nil
}

// holder is a load generator that holds idle connections.
type holder struct {
	release func()
}

// hold opens connections, lets each speak once and returns when all have.
func (b *bench) hold(s *server, conns int) (*holder, error) {
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	cmd := exec.CommandContext(ctx, b.bin("load"), "-m", "idle", "-p", s.port, "-c", strconv.Itoa(conns), "-s", "64")
	stdin, err := cmd.StdinPipe()
	if err == nil {
		var stdout interface{ Read([]byte) (int, error) }
		if stdout, err = cmd.StdoutPipe(); err == nil {
			if err = startPinned(cmd, loadCPU); err == nil {
				_, err = bufio.NewReader(stdout).ReadString('\n')
			}
		}
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("holding connections: %w", err)
	}
	released := false
	return &holder{func() {
		if !released {
			released = true
			stdin.Close()
			cmd.Wait()
			cancel()
		}
	}}, nil
}
