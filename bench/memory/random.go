package main

import (
	"errors"
	"fmt"
	"time"
)

// planned is how many replacements a plan has before it begins again.
const planned = 1 << 18

// random measures the replacement of a buffer of any size in a window of 1,000
// live ones: release, allocate, write the first and the last byte.
func (b *bench) random() (err error) {
	var plan []op
	for o := range randomWindow(b.seed, planned-window).ops {
		if o.Slot >= 0 {
			plan = append(plan, o)
		}
	}
	var all []contender
	for _, r := range rows {
		loop, stop := r.window(window, plan)
		defer func() { err = errors.Join(err, stop()) }()
		measure := func(d time.Duration) (float64, error) { return timed(d, loop), nil }
		if all = append(all, contender{r.name, measure}); r.name == "Cache" {
			all = append(all, contender{"Cache again", measure})
		}
	}
	n, err := b.startNetty()
	if err != nil {
		return err
	}
	defer n.stop()
	if n != nil {
		if _, err := n.send(fmt.Sprintf("plan %d %d", window, len(plan)), plan); err != nil {
			return err
		}
		if _, err := n.ask("random %d", 2*b.warm.Milliseconds()); err != nil {
			return err
		}
	}
	results, err := b.interleave(append(all, n.contender(nettySimple, "random")))
	if err != nil {
		return err
	}
	t := &table{
		Title:   fmt.Sprintf("random: %d live buffers of 64 B to 256 KiB, one replaced, its first and last byte written", window),
		Columns: []string{"", "ns", "quartiles", "Cache is", "quartiles", "goal", "verdict"},
	}
	b.compare(t, "random", "64 B-256 KiB", "Cache", results, map[string]float64{"sync.Pool 2^n": 1})
	noteAgain(t, results)
	b.report.add(t)
	return nil
}

// windowLoop returns a loop that follows the plan, over and over.
func windowLoop[H any](h heap[H], slots int, plan []op) (loop func(n int), stop func() error) {
	live, used, at := make([]H, slots), make([]bool, slots), 0
	loop = func(n int) {
		for range n {
			o := plan[at]
			if at++; at == len(plan) {
				at = 0
			}
			if used[o.Slot] {
				h.put(live[o.Slot])
			}
			live[o.Slot], used[o.Slot] = h.get(int(o.Size), int(o.Size)), true
		}
	}
	stop = func() error {
		for i, used := range used {
			if used {
				h.put(live[i])
			}
		}
		return h.close()
	}
	return loop, stop
}
