package pipeline_test

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A stage whose neighbour does not take its messages is refused when the pipeline is built.
func ExampleCheck() {
	echo := pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) })

	fmt.Println(pipeline.Check(new(lines), echo))
	fmt.Println(pipeline.Check(new(lines), new(rpc), echo))
	// Output:
	// <nil>
	// pipeline: *pipeline_test.rpc fires pipeline_test.request, which Serve does not read
}

// What a stage writes must be accepted by the one before it.
func ExampleCheck_writes() {
	type text string
	answer := pipeline.Serve(func(c *pipeline.Ctx[text], r request) error { return c.Write("hello") })

	fmt.Println(pipeline.Check(new(rpc), answer))
	fmt.Println(pipeline.Check(pipeline.Serve(func(c *pipeline.Ctx[text], b *buffer.Buf) error { return c.Write("hello") })))
	// Output:
	// pipeline: Serve writes pipeline_test.text, which *pipeline_test.rpc does not accept
	// pipeline: Serve writes pipeline_test.text, which the wire does not accept
}

// Whether a stage may send files is a matter of its type. A stage that must see the bytes, as TLS does, cannot stand
// before one that writes files.
func ExampleCheck_files() {
	fmt.Println(pipeline.Check(new(sender[channel.Part])))
	fmt.Println(pipeline.Check(new(sender[*channel.File])))
	fmt.Println(pipeline.Check(new(filter), new(sender[channel.Part])))
	fmt.Println(pipeline.Check(new(filter), new(sender[*channel.File])))
	// Output:
	// <nil>
	// <nil>
	// pipeline: *pipeline_test.sender[github.com/ropewalk/ropewalk/channel.Part] writes channel.Part, which filter does not accept
	// pipeline: *pipeline_test.sender[*github.com/ropewalk/ropewalk/channel.File] writes *channel.File, which filter does not accept
}

// A pipeline begins with a stage that reads buffers and ends with one that fires nothing.
func ExampleCheck_ends() {
	fmt.Println(pipeline.Check(new(lines)))
	fmt.Println(pipeline.Check(new(pass), pipeline.Serve(func(*pipeline.Ctx[reply], request) error { return nil })))
	fmt.Println(pipeline.Check())
	// Output:
	// pipeline: lines fires *buffer.Buf, which the end of the pipeline does not read
	// pipeline: *pipeline_test.pass writes pipeline_test.reply, which the wire does not accept
	// pipeline: the wire fires *buffer.Buf, which the end of the pipeline does not read
}

// New checks at once, and panics with what Check would return.
func ExampleNew() {
	defer func() { fmt.Println(recover()) }()
	pipeline.New(func() []pipeline.Stage { return []pipeline.Stage{new(lines), new(pass)} })
	// Output:
	// pipeline: lines fires *buffer.Buf, which *pipeline_test.pass does not read
}
