package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/engine"
)

type options struct {
	calls, conns, inflight, size, loops int
	upper                               bool
	engine                              engine.Engine // of the server and of the client
}

func (o options) check() error {
	if o.calls < 1 || o.conns < 1 || o.inflight < 1 || o.size < 0 || o.size > 64<<20 {
		return errors.New("rpc: -calls, -conns and -inflight must be positive, -size between 0 and 64 MiB")
	}
	if o.inflight*(o.size+1<<10) > 1<<30 {
		return errors.New("rpc: -inflight times -size is more than 1 GiB for each connection")
	}
	return nil
}

// largest returns the largest length that a message may announce.
func (o options) largest() int { return fixed + max(o.size, 1<<20) }

// marks lets all calls in flight on a connection wait in its queue.
func (o options) marks() channel.Watermark {
	return channel.Watermark{Max: max(16<<20, o.inflight*(o.size+1<<10))}
}

// body returns what every call sends, and what every reply to it must be.
func (o options) body() (op uint8, p []byte) {
	p = []byte(strings.Repeat("ropewalk", o.size/8+1)[:o.size])
	if o.upper {
		upper(p) // replies are sent again as requests
		return opUpper, p
	}
	return opEcho, p
}

// run makes the calls and prints what they cost. running is the server if it is in this process.
func run(ctx context.Context, o options, addr string, running *transport.Running) error {
	client := &transport.Client{Engine: o.engine, Loops: o.loops, Marks: o.marks()}
	o.conns = min(o.conns, o.calls)
	w := wire{o.largest()}
	ended := make(chan error, o.conns)
	callers := make([]*caller, 0, o.conns)
	op, want := o.body()
	begin := time.Now()
	for i := range o.conns {
		c := &caller{op: op, want: want, inflight: o.inflight, ended: ended}
		c.calls = o.calls/o.conns + min(max(o.calls%o.conns-i, 0), 1)
		if _, err := client.Dial(ctx, "tcp", addr, pipeline.With(codec.Stage(w, w), c)); err != nil {
			return err
		}
		callers = append(callers, c)
	}
	watch := newWatch(o, client, running, callers)
	var errs []error
	for left := len(callers); left > 0; {
		select {
		case err := <-ended:
			errs = append(errs, err)
			left--
		case <-watch.tick.C:
			watch.look()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	took := time.Since(begin)
	costs := watch.costs()

	patience, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	errs = append(errs, client.Close(patience))
	if running != nil {
		errs = append(errs, running.Shutdown(patience))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	report(o, took, costs, callers, running != nil)
	return nil
}

func report(o options, took time.Duration, c costs, callers []*caller, both bool) {
	var h histogram
	for _, c := range callers {
		h.merge(&c.took)
	}
	live := buffer.Default.Live()
	fmt.Printf("%d calls of %d bytes over %d connections, %d in flight on each\n", o.calls, o.size, o.conns, o.inflight)
	fmt.Printf("  calls             %.0f calls/s\n", float64(o.calls)/took.Seconds())
	fmt.Printf("  latency           p50 %v   p99 %v   p99.9 %v\n", h.quantile(.5), h.quantile(.99), h.quantile(.999))
	fmt.Printf("  heap allocations  %.4f per call%s\n", c.mallocs, sides(both))
	fmt.Printf("  bytes copied      %.4f per call in user space%s\n", c.copied, sides(both))
	if both {
		fmt.Printf("  system calls      %.4f per call by the server, %.4f by the client\n", c.serverCalls, c.clientCalls)
	} else {
		fmt.Printf("  system calls      %.4f per call by the client\n", c.clientCalls)
	}
	fmt.Printf("  live buffers      %d after close\n", live)
	if live != 0 {
		os.Exit(1)
	}
}

func sides(both bool) string {
	if both {
		return ", server and client together"
	}
	return ""
}
