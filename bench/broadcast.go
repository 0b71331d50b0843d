package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
	"github.com/ropewalk/ropewalk/bench/internal/verify"
)

// broadcastSize is the payload of each broadcast.
const broadcastSize = 1 << 10

// broadcast are the steps of frames that go to everybody. All servers have all their members all the time, so that nobody connects
// while somebody is measured.
func (b *bench) broadcast() (steps []step) {
	c := call{mode: "fan", loops: "1"}
	rows := float64(b.count(c))
	for _, conns := range b.plan.fanConns {
		name := strconv.Itoa(conns)
		if !b.wants(name) {
			continue
		}
		round := float64(conns*b.plan.fanCount) * 6e-6
		steps = append(steps, step{"broadcast to " + name, rows * (0.6 + float64(conns)/10000 + float64(b.plan.rounds+5)*round), func() error {
			return b.broadcastTo(c, conns)
		}})
	}
	return steps
}

func (b *bench) broadcastTo(c call, conns int) error {
	f, err := b.launch(c, false, b.once("fan", func(s *harness.Server) error { return verify.Fan(b.ctx, b.load(), s) }))
	if err != nil {
		return err
	}
	holders := map[*harness.Server]*harness.Holder{}
	defer func() {
		for _, h := range holders {
			h.Release()
		}
	}()
	ask := func(s *harness.Server, count int) (*harness.Result, error) {
		h := holders[s]
		if h == nil {
			var err error
			h, err = harness.Hold(b.ctx, b.load(), s, 30*time.Second, "-m", "framefan", "-c", strconv.Itoa(conns), "-s", strconv.Itoa(broadcastSize))
			if err != nil {
				return nil, err
			}
			holders[s] = h
		}
		r := new(harness.Result)
		return r, h.Ask(strconv.Itoa(count), 30*time.Second, r)
	}
	for _, s := range f.servers() { // the first broadcasts of a connection cost more than those that follow
		if _, err := ask(s, 2); err != nil {
			b.progress.logf("%v", err)
			s.Stop()
		}
	}
	return f.cell(trial{"broadcast", strconv.Itoa(conns), fmt.Sprintf("%d B to %d connections", broadcastSize, conns), b.plan.rounds,
		func(s *harness.Server) (result.Figures, error) {
			r, err := ask(s, b.plan.fanCount)
			return figuresOf(r), err
		},
		func(s *harness.Server, times float64) (float64, error) {
			r, err := ask(s, int(times)*max(b.plan.fanCount/4, 1))
			if err != nil {
				return 0, err
			}
			return r.TotalMsgs, nil
		}})
}
