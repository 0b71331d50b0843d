package websocket_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// randomStream returns frames that are mostly right.
func randomStream(r *rand.Rand) string {
	var in strings.Builder
	inside := false
	for range 1 + r.IntN(12) {
		payload := corpus(r.IntN(60), r.Uint64())
		switch r.IntN(12) {
		case 0:
			payload = string(numbers(r.IntN(130)))
		case 1:
			payload = strings.Repeat("x", 290+r.IntN(15))
		case 2:
			payload = strings.Repeat("é", r.IntN(40))
			if r.IntN(2) == 0 && payload != "" {
				payload = payload[:len(payload)-1]
			}
		}
		first := []byte{fin | text, fin | binar, text, binar, fin | ping, fin | pong}[r.IntN(6)]
		if inside {
			first = []byte{cont, cont, fin | cont, fin | cont, fin | ping, fin | pong}[r.IntN(6)]
		}
		switch r.IntN(60) {
		case 0:
			first = byte(r.Uint32())
		case 1:
			first, payload = fin|closes, closing([]int{1000, 1000, 1001, 1004, 1014, 1015, 4000}[r.IntN(7)], payload)
		case 2:
			in.WriteString(plain(first, payload))
			continue
		}
		if first&0x0f < 8 {
			inside = first&fin == 0
		}
		in.WriteString(masked(first, payload))
	}
	all := in.String()
	if r.IntN(3) == 0 {
		all = all[:r.IntN(len(all)+1)]
	}
	return all
}

// Streams of frames that are mostly right are answered as the reference does, however they are cut.
func TestRandomStreams(t *testing.T) {
	ends := map[int]int{}
	batches := uint64(20)
	if testing.Short() {
		batches = 6
	}
	for batch := range batches { // each gives back the memory of its pools
		t.Run(fmt.Sprint(batch), func(t *testing.T) {
			for seed := batch * 30; seed < batch*30+30; seed++ {
				in := randomStream(rand.New(rand.NewPCG(seed, 5)))
				ends[checkStream(t, in, seed)]++
			}
		})
	}
	for _, code := range []int{0, 1000, 1002, 1007, 1009} {
		if ends[code] == 0 {
			t.Errorf("no stream ended with %d: %v", code, ends)
		}
	}
}

// checkStream compares what a server does with a stream with the reference, and returns the code that it ends with.
func checkStream(t *testing.T, in string, seed uint64) int {
	t.Helper()
	out, code := reference(in)
	for _, way := range []feeding{
		{"whole", func(p *pipelinetest.Pipe, in string) { p.Feed(in) }},
		{"byte by byte", func(p *pipelinetest.Pipe, in string) { p.FeedEach(in) }},
		{"cut", func(p *pipelinetest.Pipe, in string) { cut(p, in, seed) }},
	} {
		p := pipelinetest.New(t, (&websocket.Server{Limits: websocket.Limits{Message: fuzzLimit}}).Stage(), echo())
		way.feed(p, in)
		got := p.Output()
		rest, ok := strings.CutPrefix(got, out)
		gotCode, closed := closeOf(rest)
		if !ok || gotCode != code || closed != (code != 0) || closed != p.Ended() || !closed && rest != "" {
			t.Fatalf("stream %d, %s: %q\ngot %q, ended %v\nwant %q and code %d", seed, way.name, in, got, p.Ended(), out, code)
		}
	}
	return code
}

// When memory runs out a connection is lost, and no buffer.
func TestMemoryLimit(t *testing.T) {
	large := corpus(300_000, 1)
	for i, in := range []string{
		masked(fin|binar, large),
		masked(binar, large[:100_000]) + masked(cont, large[:100_000]) + masked(fin|cont, "x"),
		masked(fin|rsv1|binar, squeezed(strings.Repeat("x", 900_000))),
		masked(fin|rsv1|binar, squeezed(large)),
	} {
		for _, kib := range []int64{128, 192, 256, 384, 512, 768, 1024} {
			t.Run(fmt.Sprint(i, "/", kib), func(t *testing.T) {
				loop := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = &buffer.Pool{Limit: kib << 10, LeakSample: 1} })
				d := &websocket.Deflate{Takeover: true, PeerTakeover: true}
				s := &websocket.Server{Deflate: d}
				p := pipelinetest.Config{Loop: loop}.New(t, web(s, echoes)...)
				p.Feed(request(offer))
				p.Output()
				for piece := in; piece != ""; {
					n := min(len(piece), 20_000)
					p.Feed(piece[:n])
					piece = piece[n:]
				}
				loop.Panics()
				p.EOF()
			})
		}
	}
}
