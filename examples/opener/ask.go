package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// asking sends a path when it is opened, and tells what the answer is.
type asking struct {
	pipeline.Context[pipeline.None, *buffer.Buf]
	name   string
	answer chan<- result // with room for two
}

type result struct {
	file *os.File
	err  error
}

// Open sends the path.
func (a *asking) Open() error {
	b := a.Alloc(len(a.name) + 1)
	b.PutString(a.name)
	b.PutString("\n")
	return a.Write(b)
}

// Read takes the answer: a descriptor that was sent with a line is there when the line is.
func (a *asking) Read(line *buffer.Buf) error {
	defer line.Release()
	var r result
	if files := a.Channel().TakeDescriptors(1); len(files) == 1 {
		r.file = files[0]
	} else {
		r.err = errors.New(line.Text(0, line.Len()))
	}
	a.answer <- r
	a.Channel().Close(nil)
	return nil
}

// Closed tells those who got no answer why.
func (a *asking) Closed(cause error) {
	if cause == nil {
		cause = io.ErrUnexpectedEOF
	}
	a.answer <- result{err: cause}
}

// ask returns a file that the opener at addr has opened.
func ask(ctx context.Context, e engine.Engine, addr, name string) (*os.File, error) {
	answer := make(chan result, 2)
	client := transport.Client{Engine: e, Socket: passing}
	defer client.Close(ctx)
	_, err := client.Dial(ctx, "unix", addr, func(ch *channel.Channel) channel.Sink {
		return pipeline.With(codec.Decode(lines), &asking{name: name, answer: answer})(ch)
	})
	if err != nil {
		return nil, err
	}
	r := <-answer
	return r.file, r.err
}
