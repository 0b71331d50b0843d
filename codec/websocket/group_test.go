package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
	"github.com/ropewalk/ropewalk/transport"
)

// joiner is a last stage that joins a group, and drops what it gets.
type joiner struct {
	inbox
	group *websocket.Group
}

func (s *joiner) Open() error { return s.group.Join(&s.Ctx) }

// members returns n members of a group on one loop.
func members(t *testing.T, g *websocket.Group, n int) (*channeltest.Loop, []*pipelinetest.Pipe, []*joiner) {
	loop := channeltest.NewLoop(t)
	var pipes []*pipelinetest.Pipe
	var stages []*joiner
	for range n {
		s := &joiner{group: g}
		stages = append(stages, s)
		pipes = append(pipes, pipelinetest.Config{Loop: loop}.New(t, new(websocket.Server).Stage(), s))
	}
	return loop, pipes, stages
}

// outputs returns what each of the peers has got.
func outputs(pipes []*pipelinetest.Pipe) (all []string) {
	for _, p := range pipes {
		all = append(all, p.Output())
	}
	return all
}

func TestBroadcast(t *testing.T) {
	g := new(websocket.Group)
	loop, pipes, stages := members(t, g, 5)
	send := func(text string) {
		t.Helper()
		if err := g.Send(websocket.Text, loop.Buf(text)); err != nil {
			t.Error(err)
		}
		loop.Settle()
	}
	expect := func(round string, want ...string) {
		t.Helper()
		if got := outputs(pipes); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%s: got %q, want %q", round, got, want)
		}
	}
	send("one")
	one := plain(fin|text, "one")
	expect("first", one, one, one, one, one)

	g.Leave(&stages[1].Ctx)
	g.Leave(&stages[1].Ctx)
	if err := g.Join(&stages[2].Ctx); err != nil { // is one already
		t.Error(err)
	}
	pipes[3].EOF()
	pipes[3].Output()
	send("two")
	two := plain(fin|text, "two")
	expect("without two", two, "", two, "", two)

	pipes[0].Do(func(*channel.Channel) { websocket.CloseWith(&stages[0].Ctx, websocket.NormalClosure, "") })
	if err := g.Join(&stages[1].Ctx); err != nil {
		t.Error(err)
	}
	send("three")
	three := plain(fin|text, "three")
	expect("one closes", plain(fin|closes, closing(1000, "")), three, three, "", three)
	if s := g.Stats(); s != (websocket.GroupStats{Members: 3, Sent: 11}) {
		t.Errorf("%+v", s)
	}
	if err := g.Join(&stages[3].Ctx); !errors.Is(err, channel.ErrClosed) {
		t.Errorf("closed channel: %v", err)
	}
	if err := g.Join(&stages[0].Ctx); !errors.Is(err, channel.ErrClosed) || g.Stats().Members != 3 {
		t.Errorf("after a Close was written: %v, %+v", err, g.Stats())
	}
	if err := g.Send(websocket.Ping, loop.Buf("x")); !errors.Is(err, websocket.ErrMessage) {
		t.Errorf("ping: %v", err)
	}
}

// A member may be in several groups, and leaves all of them when it goes.
func TestGroups(t *testing.T) {
	a, b := new(websocket.Group), new(websocket.Group)
	loop, pipes, stages := members(t, a, 3)
	for _, s := range stages[1:] {
		if err := b.Join(&s.Ctx); err != nil {
			t.Error(err)
		}
	}
	a.Leave(&stages[2].Ctx)
	a.Send(websocket.Text, loop.Buf("a"))
	b.Send(websocket.Text, loop.Buf("b"))
	loop.Settle()
	fa, fb := plain(fin|text, "a"), plain(fin|text, "b")
	if got := outputs(pipes); got[0] != fa || got[1] != fa+fb || got[2] != fb {
		t.Errorf("got %q", got)
	}
	pipes[1].Break(errors.New("reset"))
	if a.Stats().Members != 1 || b.Stats().Members != 1 {
		t.Errorf("%+v, %+v", a.Stats(), b.Stats())
	}
}

// A member whose channel closes is one no more, however long it takes to send what is queued for it.
func TestClosingMember(t *testing.T) {
	g := &websocket.Group{Slow: websocket.Queue}
	loop, pipes, _ := members(t, g, 3)
	send := func() {
		t.Helper()
		if err := g.Send(websocket.Text, loop.Buf("x")); err != nil {
			t.Error(err)
		}
		loop.Settle()
	}
	pipes[0].Stall()
	send()
	pipes[0].EOF()
	send()
	send()
	if s := g.Stats(); !pipes[0].Channel().Closing() || pipes[0].Closed() || s != (websocket.GroupStats{Members: 2, Sent: 7, Skipped: 1}) {
		t.Errorf("%+v", s)
	}
	if got := outputs(pipes[1:]); got[0] != strings.Repeat(plain(fin|text, "x"), 3) || got[1] != got[0] {
		t.Errorf("the others got %q", got)
	}
}

func TestJoinRefused(t *testing.T) {
	for _, stages := range [][]pipeline.Stage{{new(websocket.Client).Stage()}, nil} {
		g, in := new(websocket.Group), new(inbox)
		if stages == nil { // no WebSocket at all
			raw := pipelinetest.New(t, new(rawMessages), in)
			raw.Do(func(*channel.Channel) {})
		} else {
			pipelinetest.New(t, append(stages, in)...)
		}
		if err := g.Join(&in.Ctx); !errors.Is(err, websocket.ErrNoConnection) {
			t.Errorf("joined: %v", err)
		}
		g.Leave(&in.Ctx)
		if websocket.Protocol(&in.Ctx) != "" || websocket.Compresses(&in.Ctx) {
			t.Error("something was agreed on")
		}
	}
}

// rawMessages makes messages of what it reads.
type rawMessages struct {
	pipeline.Context[websocket.Message, *buffer.Buf]
}

func (s *rawMessages) Read(b *buffer.Buf) error {
	return s.Fire(websocket.Message{Kind: websocket.Binary, Data: b})
}

func (s *rawMessages) Write(m websocket.Message) error { return s.Context.Write(m.Data) }

// Members that do not take their messages are skipped, dropped, or queued for up to the hard cap.
func TestSlowMembers(t *testing.T) {
	for _, c := range []struct {
		slow             websocket.SlowPolicy
		stats            websocket.GroupStats
		closed           bool
		queuedAfterwards int
	}{
		{websocket.Skip, websocket.GroupStats{Members: 2, Sent: 33, Skipped: 27}, false, 70_000},
		{websocket.Drop, websocket.GroupStats{Members: 1, Sent: 33, Skipped: 1, Dropped: 1}, true, 0},
		{websocket.Queue, websocket.GroupStats{Members: 1, Sent: 49, Skipped: 1, Dropped: 1}, true, 0},
	} {
		loop := channeltest.NewLoop(t)
		g := &websocket.Group{Slow: c.slow}
		var pipes []*pipelinetest.Pipe
		for range 2 {
			pipes = append(pipes, pipelinetest.Config{Loop: loop, Options: channel.Options{Marks: channel.Watermark{High: 64 << 10, Max: 500_000}}}.
				New(t, new(websocket.Server).Stage(), &joiner{group: g}))
		}
		pipes[0].Stall()
		large := strings.Repeat("x", 26_000)
		for range 30 {
			if err := g.Send(websocket.Binary, loop.Buf(large)); err != nil {
				t.Error(err)
			}
			loop.Settle()
			if got := pipes[1].Output(); got != plain(fin|binar, large) {
				t.Fatalf("policy %d: the fast one got %s", c.slow, show(got))
			}
		}
		if pipes[0].Closed() != c.closed || c.closed && !errors.Is(pipes[0].Cause(), websocket.ErrSlowConsumer) {
			t.Errorf("policy %d: closed %v, cause %v", c.slow, pipes[0].Closed(), pipes[0].Cause())
		}
		got := g.Stats()
		if got.Members != c.stats.Members || got.Dropped != c.stats.Dropped || (got.Skipped > 1) != (c.stats.Skipped > 1) {
			t.Errorf("policy %d: %+v, want about %+v", c.slow, got, c.stats)
		}
		if q := pipes[0].Channel().Queued(); q > c.queuedAfterwards+26_000 {
			t.Errorf("policy %d: %d bytes queued", c.slow, q)
		}
		pipes[0].Unstall()
	}
}

// Broadcasts from many goroutines reach the members on several loops, in order for each goroutine.
func TestBroadcastLoops(t *testing.T) {
	const peers, senders, messages = 20, 4, 50
	pool := buffertest.Pool(t)
	g := new(websocket.Group)
	server := &transport.Server{Addr: "127.0.0.1:0", Loops: 2, Pool: pool, Logger: slog.New(slog.DiscardHandler), Accept: pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{new(websocket.Server).Stage(), &joiner{group: g}}
	})}
	running, err := server.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var readers, writers sync.WaitGroup
	var conns []net.Conn
	for range peers {
		c, err := net.DialTimeout("tcp", running.Addr().String(), 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
		c.SetDeadline(time.Now().Add(30 * time.Second))
		if _, err := io.WriteString(c, masked(fin|ping, "")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, 2)); err != nil { // it has joined
			t.Fatal(err)
		}
		readers.Go(func() { follow(t, c, senders, messages) })
	}
	for s := range senders {
		writers.Go(func() {
			for n := range messages {
				data := pool.Alloc(100)
				data.PutString(fmt.Sprintf("%d %d %s", s, n, strings.Repeat("x", 50)))
				if err := g.Send(websocket.Text, data); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	readers.Wait()
	if s := g.Stats(); s.Sent != peers*senders*messages || s.Members != peers {
		t.Errorf("%+v", s)
	}
	for _, c := range conns {
		c.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := running.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if s := g.Stats(); s.Members != 0 {
		t.Errorf("%d members are left", s.Members)
	}
	data := pool.Alloc(0)
	if err := g.Send(websocket.Text, data); err != nil { // the loops are gone
		t.Error(err)
	}
}

// follow reads messages, and checks that those of each sender come in order, up to the last one of each.
func follow(t *testing.T, c net.Conn, senders, messages int) {
	next := make([]int, senders)
	in := ""
	buf := make([]byte, 32<<10)
	for got := 0; got < senders*messages; {
		n, err := c.Read(buf)
		if err != nil {
			t.Errorf("after %d messages: %v", got, err)
			return
		}
		in += string(buf[:n])
		for {
			f, n := frameOf(in)
			if n == 0 {
				break
			}
			var s, number int
			fmt.Sscan(f.payload, &s, &number)
			if number != next[s] {
				t.Errorf("message %d of sender %d, instead of %d", number, s, next[s])
			}
			next[s]++
			got++
			in = in[n:]
		}
	}
}
