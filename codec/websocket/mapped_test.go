package websocket_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec/websocket"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A message out of a mapped file that has lost bytes is not sent as zeros, also where it is copied on its way.
func TestMappedFileShrinks(t *testing.T) {
	if buffer.MapCopies {
		return // then there is nothing to lose
	}
	for _, c := range []struct {
		name  string
		size  int
		start func(pipeline.Stage) *pipelinetest.Pipe
		in    string
	}{
		{"as it is", 5000, func(s pipeline.Stage) *pipelinetest.Pipe {
			return pipelinetest.New(t, new(websocket.Server).Stage(), s)
		}, masked(fin|text, "go")},
		{"a short one of a burst", 200, func(s pipeline.Stage) *pipelinetest.Pipe {
			return pipelinetest.New(t, new(websocket.Server).Stage(), s)
		}, strings.Repeat(masked(fin|text, "go"), 3)},
		{"compressed", 5000, func(s pipeline.Stage) *pipelinetest.Pipe {
			p := compressing(t, &websocket.Server{Deflate: new(websocket.Deflate)}, offer, s)
			p.Output()
			return p
		}, masked(fin|text, "go")},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(name, []byte(strings.Repeat("content ", c.size/8)), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(name, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			p := c.start(websocket.Serve(func(ctx *websocket.Ctx, m websocket.Message) error {
				m.Data.Release()
				if err := f.Truncate(int64(c.size)); err != nil {
					return err
				}
				b, err := ctx.Channel().Cache().Map(f, 0, int64(c.size))
				if err != nil {
					return err
				}
				if err := f.Truncate(100); err != nil {
					b.Release()
					return err
				}
				return ctx.Write(websocket.Message{Kind: websocket.Binary, Data: b})
			}))
			p.Feed(c.in)
			out := p.Output()
			p.EOF()
			if strings.Contains(out, "content") || strings.Contains(out, "\x00\x00\x00\x00") {
				t.Errorf("wrote %d bytes", len(out))
			}
			if !p.Closed() || p.Cause() == nil {
				t.Errorf("closed %v, cause %v", p.Closed(), p.Cause())
			}
		})
	}
}
