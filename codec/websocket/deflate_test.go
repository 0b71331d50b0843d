package websocket_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"

// compressing returns a server after a handshake with an offer of compression.
func compressing(t testing.TB, s *websocket.Server, offer string, stages ...pipeline.Stage) *pipelinetest.Pipe {
	t.Helper()
	if len(stages) == 0 {
		stages = echoes()
	}
	p := pipelinetest.New(t, web(s, func() []pipeline.Stage { return stages })...)
	p.Feed(request(offer))
	if head, rest := answer(t, p.Output()); !strings.Contains(head, "permessage-deflate") || rest != "" {
		t.Fatalf("answer %q", head)
	}
	return p
}

// A squeezer is the compressing side of a peer, by another implementation.
type squeezer struct {
	b bytes.Buffer
	w *flate.Writer
}

func newSqueezer() *squeezer {
	s := new(squeezer)
	s.w, _ = flate.NewWriter(&s.b, 6)
	return s
}

// squeeze returns the payload of a message, which may refer to those before if keep is set.
func (s *squeezer) squeeze(p string, keep bool) string {
	if !keep {
		s.w.Reset(&s.b)
	}
	io.WriteString(s.w, p)
	s.w.Flush()
	out := strings.TrimSuffix(s.b.String(), "\x00\x00\xff\xff")
	s.b.Reset()
	return out
}

func squeezed(p string) string { return newSqueezer().squeeze(p, false) }

// inflated returns the message of a payload, after those in history.
func inflated(t testing.TB, p, history string) string {
	t.Helper()
	r := flate.NewReaderDict(strings.NewReader(p+"\x00\x00\xff\xff\x01\x00\x00\xff\xff"), []byte(history[max(0, len(history)-32768):]))
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("cannot be inflated: %v", err)
	}
	return string(out)
}

// The examples of RFC 7692 section 7.2.3.
func TestDeflateExamples(t *testing.T) {
	hello := "\xf2\x48\xcd\xc9\xc9\x07\x00"
	for _, c := range []struct {
		name string
		in   string
		want []string
	}{
		{"one block", masked(fin|rsv1|text, hello), []string{"Hello"}},
		{"fragments", masked(rsv1|text, hello[:3]) + masked(fin|cont, hello[3:]), []string{"Hello"}},
		{"fragments of one byte", masked(rsv1|text, hello[:1]) + masked(cont, hello[1:2]) + masked(cont, hello[2:6]) + masked(fin|ping, "") +
			masked(cont, "") + masked(fin|cont, hello[6:]), []string{"Hello"}},
		{"the window before", masked(fin|rsv1|text, hello) + masked(fin|rsv1|text, "\xf2\x00\x11\x00\x00"), []string{"Hello", "Hello"}},
		{"the same again", masked(fin|rsv1|text, hello) + masked(fin|rsv1|text, hello), []string{"Hello", "Hello"}},
		{"no compression", masked(fin|rsv1|text, "\x00\x05\x00\xfa\xffHello\x00"), []string{"Hello"}},
		{"BFINAL", masked(fin|rsv1|text, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), []string{"Hello"}},
		{"BFINAL, then the window before", masked(fin|rsv1|text, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00") + masked(fin|rsv1|text, "\xf2\x00\x11\x00\x00"),
			[]string{"Hello", "Hello"}},
		{"two streams", masked(fin|rsv1|text, "\x03\x00\x03\x00\x00"), []string{""}},
		{"a window over BFINAL", masked(fin|rsv1|text, "\xf3\x48\xcd\xc9\xc9\x07\x00\xf2\x00\x11\x00\x00"), []string{"HelloHello"}},
		{"two blocks", masked(fin|rsv1|text, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), []string{"Hello"}},
		{"empty", masked(fin|rsv1|text, "\x00"), []string{""}},
		{"not compressed", masked(fin|text, "Hello") + masked(binar, "a") + masked(fin|cont, "b"), []string{"Hello", "ab"}},
	} {
		for _, way := range feedings(len(c.in)) {
			in := new(inbox)
			p := compressing(t, &websocket.Server{Deflate: &websocket.Deflate{PeerTakeover: true}}, offer, in)
			way.feed(p, c.in)
			got := in.take()
			for i, m := range got {
				_, got[i], _ = strings.Cut(m, ":")
			}
			if !slices.Equal(got, c.want) || p.Ended() {
				t.Errorf("%s, %s: got %q (%q)", c.name, way.name, got, p.Output())
			}
		}
	}
}

func TestDeflateRefused(t *testing.T) {
	hello := squeezed("Hello")
	bomb := squeezed(strings.Repeat("\x00", 2<<20))
	for _, c := range []struct {
		name, in string
		code     int
	}{
		{"RSV1 in a continuation", masked(rsv1|text, hello[:3]) + masked(fin|rsv1|cont, hello[3:]), 1002},
		{"RSV1 in a ping", masked(fin|rsv1|ping, ""), 1002},
		{"RSV1 in a close", masked(fin|rsv1|closes, ""), 1002},
		{"RSV2", masked(fin|rsv1>>1|text, hello), 1002},
		{"RSV1 and RSV3", masked(fin|rsv1|rsv1>>2|text, hello), 1002},
		{"corrupt", masked(fin|rsv1|text, "\xff\xff\xff\xff"), 1007},
		{"corrupt block type", masked(fin|rsv1|text, "\x06"), 1007},
		{"cut short", masked(fin|rsv1|text, hello[:len(hello)-3]), 1007},
		{"stored block cut short", masked(fin|rsv1|text, "\x00\x50\x00\xaf\xffHello"), 1007},
		{"beyond the window", masked(fin|rsv1|text, "\xf2\x00\x11\x00\x00"), 1007},
		{"nothing", masked(fin|rsv1|text, ""), 1007}, // not even the beginning of a block
		{"nothing behind BFINAL", masked(fin|rsv1|text, "\xf3\x48\xcd\xc9\xc9\x07\x00"), 1007},
		{"many streams", masked(fin|rsv1|text, strings.Repeat("\x03\x00", 1000)+"\x00"), 1007},
		{"not UTF-8", masked(fin|rsv1|text, squeezed("a\xff")), 1007},
		{"character cut short", masked(fin|rsv1|text, squeezed("a\xe2\x82")), 1007},
		{"bomb", masked(fin|rsv1|binar, bomb), 1009},
		{"bomb in fragments", masked(rsv1|binar, bomb[:100]) + masked(fin|cont, bomb[100:]), 1009},
		{"one byte too many", masked(fin|rsv1|binar, squeezed(strings.Repeat("a", 1<<20+1))), 1009},
		{"long for nothing", masked(rsv1|binar, strings.Repeat("\x00\x00\x00\xff\xff", 100_000)) +
			masked(fin|cont, strings.Repeat("\x00\x00\x00\xff\xff", 120_000)), 1009},
	} {
		for _, way := range feedings(len(c.in)) {
			p := compressing(t, &websocket.Server{Deflate: &websocket.Deflate{}}, offer)
			way.feed(p, c.in)
			out := p.Output()
			if code, _ := closeOf(out); code != c.code || !p.Ended() {
				t.Errorf("%s, %s: %q, ended %v", c.name, way.name, show(out), p.Ended())
			}
		}
	}
	for limit, size := range map[int64]int{0: 1 << 20, 1000: 1000, -1: 3 << 20} { // just as large as is allowed
		p := compressing(t, &websocket.Server{Deflate: &websocket.Deflate{}, Limits: websocket.Limits{Message: limit}}, offer)
		p.Feed(masked(fin|rsv1|binar, squeezed(strings.Repeat("a", size))))
		if f := framesOf(p.Output()); len(f) != 1 || inflated(t, f[0].payload, "") != strings.Repeat("a", size) {
			t.Errorf("limit %d: %d frames", limit, len(f))
		}
	}
}

// corpus returns n bytes that can be compressed, more or less.
func corpus(n int, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 1))
	words := strings.Fields("Habe nun ach Philosophie Juristerei und Medizin und leider auch Theologie durchaus studiert mit heißem Bemühn {\"id\": 17, \"name\": true}")
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(words[r.IntN(len(words))])
		b.WriteByte(' ')
		if r.IntN(20) == 0 {
			fmt.Fprint(&b, r.Uint64())
		}
	}
	return strings.ToValidUTF8(b.String()[:n], "")
}

// Messages of many sizes through a server that echoes, with all that can be negotiated. The test inflates what it is sent, and
// looks whether it keeps to the window.
func TestDeflateEcho(t *testing.T) {
	sizes := []int{0, 1, 16, 64, 255, 256, 1024, 4096, 16384, 65536}
	for _, d := range []websocket.Deflate{
		{}, {Level: 5}, {Level: 6, Takeover: true}, {Level: 9, Takeover: true, PeerTakeover: true}, {Takeover: true, PeerTakeover: true},
		{WindowBits: 8}, {WindowBits: 9, Takeover: true, PeerTakeover: true}, {WindowBits: 12, PeerTakeover: true}, {Threshold: -1, Takeover: true},
	} {
		t.Run(fmt.Sprintf("%+v", d), func(t *testing.T) {
			p := compressing(t, &websocket.Server{Deflate: &d}, offer)
			up := newSqueezer()
			history := ""
			window := 1 << 15
			if d.WindowBits != 0 {
				window = 1 << d.WindowBits
			}
			squeezedOnes := 0
			for round := range 2 {
				for i, n := range sizes {
					m := corpus(n, uint64(i))
					first := fin | rsv1 | text
					payload := up.squeeze(m, d.PeerTakeover)
					if (round+i)%3 == 0 {
						cutAt := len(payload) / 2
						p.Feed(masked(rsv1|text, payload[:cutAt]) + masked(fin|cont, payload[cutAt:]))
					} else {
						p.Feed(masked(first, payload))
					}
					f := framesOf(p.Output())
					if len(f) != 1 {
						t.Fatalf("%d bytes: %d frames", n, len(f))
					}
					got := f[0].payload
					if f[0].first&rsv1 != 0 {
						squeezedOnes++
						if len(got) >= len(m) || len(m) < 256 && d.Threshold == 0 {
							t.Errorf("%d bytes were made %d", len(m), len(got))
						}
						if far := farthest(t, got, len(history)); far > window {
							t.Errorf("%d bytes: looks back %d bytes, more than the window of %d", n, far, window)
						}
						got = inflated(t, got, history)
						if d.Takeover {
							history += got
						}
					}
					if got != m {
						t.Fatalf("round %d, %d bytes: something else came back", round, n)
					}
				}
			}
			if squeezedOnes < 8 {
				t.Errorf("%d messages were compressed", squeezedOnes)
			}
		})
	}
}

// With a context the second of two equal messages is much smaller.
func TestTakeoverPays(t *testing.T) {
	m := corpus(4000, 1)
	for _, takeover := range []bool{false, true} {
		p := compressing(t, &websocket.Server{Deflate: &websocket.Deflate{Takeover: takeover}}, offer)
		var sizes []int
		for range 2 {
			p.Feed(masked(fin|text, m))
			sizes = append(sizes, len(p.Output()))
		}
		if smaller := sizes[1] < sizes[0]/4; smaller != takeover {
			t.Errorf("takeover %v: %d bytes, then %d", takeover, sizes[0], sizes[1])
		}
	}
}

// What does not become smaller, and what is sent in pieces, is sent as it is.
func TestNotCompressed(t *testing.T) {
	noise := make([]byte, 5000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	in := new(inbox)
	p := compressing(t, &websocket.Server{Deflate: &websocket.Deflate{Takeover: true}}, offer, in)
	long := strings.Repeat("a", 5000)
	p.Do(func(*channel.Channel) {
		in.Write(websocket.Message{Kind: websocket.Binary, Data: p.Buf(string(noise))})
		in.Write(websocket.Message{Kind: websocket.Text, More: true, Data: p.Buf(long)})
		in.Write(websocket.Message{Kind: websocket.Text, Continued: true, Data: p.Buf(long)})
		in.Write(websocket.Message{Kind: websocket.Text, Data: p.Buf(long[:255])})
		if !websocket.Compresses(&in.Ctx) {
			t.Error("no compression was agreed on")
		}
	})
	want := plain(fin|binar, string(noise)) + plain(text, long) + plain(fin|cont, long) + plain(fin|text, long[:255])
	if out := p.Output(); out != want {
		t.Errorf("got %s", show(out))
	}
}

// With Stream a compressed message is passed on as a whole.
func TestDeflateStream(t *testing.T) {
	in := new(inbox)
	p := compressing(t, &websocket.Server{Stream: true, Deflate: &websocket.Deflate{}}, offer, in)
	hello := squeezed("Hello")
	p.Feed(masked(rsv1|text, hello[:3]) + masked(fin|cont, hello[3:]) + masked(text, "a") + masked(fin|cont, "b"))
	if got := in.take(); !slices.Equal(got, []string{"text:Hello", "text+:a", "+text:b"}) {
		t.Errorf("got %q", got)
	}
}

// What is collected has a limit where what is passed on as it comes has none.
func TestDeflateStreamLimit(t *testing.T) {
	for _, c := range []struct {
		n    int
		code int
	}{{1 << 20, 0}, {1<<20 + 1, 1009}} {
		in := new(inbox)
		p := compressing(t, &websocket.Server{Stream: true, Limits: websocket.Limits{Message: -1}, Deflate: &websocket.Deflate{}}, offer, in)
		p.Feed(masked(fin|rsv1|text, squeezed(strings.Repeat("x", c.n))))
		if got := in.take(); (len(got) == 1 && len(got[0]) == len("text:")+c.n) != (c.code == 0) {
			t.Errorf("%d bytes: got %d messages", c.n, len(got))
		}
		if code, _ := closeOf(p.Output()); code != c.code {
			t.Errorf("%d bytes: closed with %d", c.n, code)
		}
	}
	p := compressing(t, &websocket.Server{Stream: true, Limits: websocket.Limits{Message: -1}, Deflate: &websocket.Deflate{}}, offer)
	p.Feed(masked(rsv1|binar, strings.Repeat("x", 1<<20)) + masked(cont, strings.Repeat("x", 1<<20)))
	if code, _ := closeOf(p.Output()); code != 1009 {
		t.Errorf("2 MiB of a message that does not end: closed with %d", code)
	}
}

// Our client and our server with each other.
func TestDeflatePair(t *testing.T) {
	for _, c := range []websocket.Deflate{{}, {Takeover: true, PeerTakeover: true}, {WindowBits: 9, PeerWindowBits: 10, Takeover: true}} {
		for _, s := range []websocket.Deflate{{}, {Takeover: true, PeerTakeover: true}, {WindowBits: 9, PeerTakeover: true}} {
			in := new(inbox)
			p := connect(t, &websocket.Server{Deflate: &s}, &websocket.Client{Deflate: &c}, echoes(), []pipeline.Stage{in})
			up, down, plain := 0, 0, 0
			for i := range 20 {
				m := corpus(i*700, uint64(i))
				p.client.Do(func(*channel.Channel) { websocket.WriteText(&in.Ctx, m) })
				a, b := p.exchange()
				up, down, plain = up+a, down+b, plain+len(m)
				if got := in.take(); len(got) != 1 || got[0] != "text:"+m {
					t.Fatalf("%+v, %+v: message of %d bytes: got %d messages", c, s, len(m), len(got))
				}
			}
			if up > plain/2 || down > plain/2 {
				t.Errorf("%+v, %+v: %d bytes were sent as %d and came back as %d", c, s, plain, up, down)
			}
		}
	}
}

// Many messages one after the other, as test suites send them.
func TestDeflateMany(t *testing.T) {
	p := compressing(t, &websocket.Server{Deflate: &websocket.Deflate{Takeover: true, PeerTakeover: true}}, offer)
	up := newSqueezer()
	history := ""
	data := corpus(200_000, 9)
	for i := range 300 {
		m := data[i*131 : i*131+8192]
		m = strings.ToValidUTF8(m, "")
		p.Feed(masked(fin|rsv1|text, up.squeeze(m, true)))
		f := framesOf(p.Output())
		if len(f) != 1 || f[0].first != fin|rsv1|text || inflated(t, f[0].payload, history) != m {
			t.Fatalf("message %d is not echoed", i)
		}
		history = history[max(0, len(history)-40_000):] + m
	}
}

// inflatedAll returns the message of a payload behind history, if it is one stream that does not end before its end.
func inflatedAll(p, history string) (string, bool) {
	in := strings.NewReader(p + "\x00\x00\xff\xff\x01\x00\x00\xff\xff")
	r := flate.NewReaderDict(in, []byte(history[max(0, len(history)-32768):]))
	out, err := io.ReadAll(r)
	return string(out), err == nil && in.Len() == 0
}
