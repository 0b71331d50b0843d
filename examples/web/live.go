package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec/http1/static"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/examples/internal/page"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

const (
	sampleEvery = time.Second
	probeEvery  = sampleEvery / 4
	kept        = 120 // samples, for those who open the page later
)

//go:embed live.html
var liveHTML []byte

// live is the page and what feeds it. It takes a sample a second, whether or not somebody looks.
type live struct {
	page    page.Page
	sockets websocket.Server
	// viewers are those who look. One that cannot keep up misses some samples, and gets them no later: it wants to know what
	// happens now.
	viewers websocket.Group

	mu   sync.Mutex
	news message // with all samples that are kept
}

// A message is what viewers are sent: at first with all samples, then with the newest one. Since the two may overlap, a viewer
// leaves out what is not newer than what it has.
type message struct {
	Started int64    `json:"started"` // milliseconds since 1970: another server has another history
	Loops   int      `json:"loops"`
	Samples []sample `json:"samples"`
	Pool    memory   `json:"pool"`
}

func newLive() *live {
	return &live{
		page: page.New(liveHTML),
		sockets: websocket.Server{
			Limits:  websocket.Limits{Message: 1 << 10}, // viewers have nothing to say
			Deflate: &websocket.Deflate{},
		},
		viewers: websocket.Group{Slow: websocket.Skip},
		news:    message{Samples: []sample{}, Pool: memory{Classes: []class{}}},
	}
}

// watch takes samples of a server, and of the files that it serves, until ctx ends.
func (l *live) watch(ctx context.Context, server *transport.Running, files *static.Files) {
	lag := newLagMeter(server.Group().Loops())
	read := func() reading {
		return reading{time.Now(), server.Conns(), requests(), server.Stats(), files.Stats(), buffer.Default.Stats(), lag.take()}
	}
	before := read()
	l.begin(before.at, len(lag.probes))
	l.publish(before.since(reading{at: before.at.Add(-sampleEvery), pool: before.pool}), before.memory())
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		lag.probe()
		if time.Since(before.at) < sampleEvery-probeEvery/2 {
			continue
		}
		now := read()
		l.publish(now.since(before), now.memory())
		before = now
	}
}

func (l *live) begin(at time.Time, loops int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.news.Started, l.news.Loops = at.UnixMilli(), loops
}

// publish keeps a sample, and sends it to all viewers.
func (l *live) publish(s sample, m memory) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := append(l.news.Samples, s)
	l.news.Samples = all[max(0, len(all)-kept):]
	l.news.Pool = m
	one := l.news
	one.Samples = []sample{s}
	text, err := json.Marshal(one)
	if err != nil {
		return // there is nothing in it that could fail
	}
	b := buffer.Default.Alloc(len(text))
	b.Write(text)
	l.viewers.Send(websocket.Text, b) // those on a loop that takes no calls now miss it
}

// join adds a viewer, on its loop, and tells it what happened before it came.
func (l *live) join(c *websocket.Ctx) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.viewers.Join(c); err != nil {
		return err
	}
	text, err := json.Marshal(l.news)
	if err != nil {
		return err
	}
	b := c.Alloc(len(text))
	b.Write(text)
	return c.Write(websocket.Message{Kind: websocket.Text, Data: b})
}

// A viewer is the last stage of a connection that is fed.
type viewer struct {
	pipeline.Context[pipeline.None, websocket.Message]
	live *live
}

// Open joins.
func (v *viewer) Open() error { return v.live.join(&v.Context) }

// Read drops what a viewer says.
func (v *viewer) Read(m websocket.Message) error {
	m.Release()
	return nil
}
