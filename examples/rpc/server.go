package main

import (
	"fmt"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
)

// serve answers a request with the same body, or with its letters in upper case, changed where they are.
func serve(c *pipeline.Ctx[message], m message) error {
	switch m.op {
	case opEcho:
	case opUpper:
		for chunk := range m.body.Chunks() {
			upper(chunk)
		}
	default:
		m.body.Release()
		return fmt.Errorf("rpc: request %d asks for operation %d, which there is not", m.id, m.op)
	}
	return c.Write(m)
}

func upper(p []byte) {
	for i, b := range p {
		if 'a' <= b && b <= 'z' {
			p[i] = b - 'a' + 'A'
		}
	}
}

// accept returns the function that makes the pipeline of each of the server's connections.
func accept(max int) func(*channel.Channel) channel.Sink {
	w := wire{max}
	return pipeline.New(func() []pipeline.Stage {
		return []pipeline.Stage{codec.Stage(w, w), pipeline.Serve(serve)}
	})
}
