package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// broadcastSize is the payload of each broadcast.
const broadcastSize = 1 << 10

// broadcast measures messages that go to everybody. All servers have all their members all the time, so that nobody connects
// while somebody is measured.
func (b *bench) broadcast() error {
	kinds, absent := b.present("broadcast", b.broadcastKinds(), verifyBroadcast)
	var servers []*server
	holders := map[*server]*harness.Holder{}
	defer func() {
		for _, h := range holders {
			h.Release()
		}
		for _, s := range servers {
			s.Stop()
		}
	}()
	for _, k := range kinds {
		s, err := harness.Start(b.ctx, k)
		if err != nil {
			return err
		}
		servers = append(servers, s)
		h, err := harness.Hold(b.ctx, b.Bin("load"), s, time.Minute, "-m", "fan",
			"-c", strconv.Itoa(b.fanConns), "-s", strconv.Itoa(broadcastSize))
		if err != nil {
			return err
		}
		holders[s] = h
	}
	measure := func(s *server) (*result, error) {
		r := new(result)
		return r, holders[s].Ask(strconv.Itoa(b.fanCount), time.Minute, r)
	}
	// The first broadcasts of a connection cost more than those that follow.
	if _, err := harness.Interleave(b.ctx, b.report.Logf, servers, 1, measure); err != nil {
		return err
	}
	all, err := harness.Interleave(b.ctx, b.report.Logf, servers, b.rounds, measure)
	if err != nil {
		return err
	}
	peers := []string{"gobwas", "gobwas-writers", "coder", "coder-writers", "nbio"}
	b.conclude("broadcast", cell{
		name:  fmt.Sprint(b.fanConns),
		title: fmt.Sprintf("Broadcast: %d B to %d WebSockets", broadcastSize, b.fanConns),
		unit:  "delivery",
		refs:  []string{"gobwas", "coder"},
		goals: []goal{{0.5, peers}},
	}, all, absent)
	return nil
}
