//go:build linux

// Command faults puts the example servers under load while the system misbehaves, and compares every byte. It is what
// .ci/faults runs, once for each engine and kind of trouble:
//
//	          load: framed echo, files, half-closes, resets
//	faults ════════════════════════════════════════════════► server -engine E
//	  │ counts what was injected                                ▲
//	  └── strace -f -p SERVER --inject=accept4:error=EMFILE ────┘   a share of the calls fails
//
// With -calls, strace(1) is attached to the running servers in phases (phases.go), each of which makes a share of some system calls
// fail, with errors that the kernel could return. At the end descriptors run out for real (starve.go), also for calls
// that strace does not see. With -net the servers and the load run in the network namespace that the program was started in,
// whose TCP buffers it sets to 4 KiB, so that reads and writes are short because the system makes them so (net.go). It must be one
// without other users: unshare --net. There the server of files is also denied cachestat(2), as by older kernels and some
// sandboxes (deny.go): strace may be too old to know that call.
//
// # What must hold
//
// An error that ends a call may end the connection that it hit: then what the client has got is the beginning of what it should
// have got, and there are no more such connections than fatal errors were injected. All other connections get every byte. Once the
// injection has ended and the clients have left, the server serves new ones, has the descriptors that it had at the start,
// uses no processor time while nothing happens, and ends with status 0 on SIGTERM. Its log holds nothing unexpected, such as a panic, or a
// buffer that was lost.
//
// # Processes
//
// Servers and strace are children of this program that die with it (PR_SET_PDEATHSIG). Every wait has a limit; a server that is late
// gets SIGQUIT, and its log, in the folder of -out, ends with the stacks of its goroutines.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A trial is what the flags say.
type trial struct {
	bin, out, engine string
	seed             uint64
	length           time.Duration // of a phase
	conns            int           // clients of each server
	only             string        // the phases whose name contains it
	small            bool          // TCP has small buffers
	content          *content
}

func main() {
	t := &trial{}
	flag.StringVar(&t.bin, "bin", "", "folder with the built examples")
	flag.StringVar(&t.out, "out", "", "folder for logs and for the files that are served")
	flag.StringVar(&t.engine, "engine", "", "engine of the servers, as their flag -engine has it; empty leaves it to them")
	flag.Uint64Var(&t.seed, "seed", uint64(time.Now().UnixNano()), "what decides about sizes and contents")
	flag.DurationVar(&t.length, "time", 500*time.Millisecond, "how long each phase begins new connections")
	flag.IntVar(&t.conns, "conns", 24, "connections at a time to each server")
	flag.StringVar(&t.only, "only", "", "run only the phases whose name contains this")
	calls := flag.Bool("calls", false, "make system calls fail")
	flag.BoolVar(&t.small, "net", false, "make TCP buffers small, in the present network namespace")
	flag.Parse()
	log.SetFlags(0)
	if flag.NArg() > 0 {
		log.Fatal(deny(flag.Args()))
	}
	if t.bin == "" || t.out == "" || *calls == t.small {
		log.Fatal("faults: give -bin, -out, and either -calls or -net")
	}
	begin := time.Now()
	t.content = newContent(t.seed)
	err := os.MkdirAll(t.out, 0o777)
	if err == nil {
		err = t.content.save(t.root())
	}
	if err == nil && *calls {
		err = t.calls()
	} else if err == nil {
		err = t.net()
	}
	if err != nil {
		log.Fatalf("faults: engine %s, -seed %d: %v", t.name(), t.seed, err)
	}
	log.Printf("faults: engine %s: all right, %.1f s", t.name(), time.Since(begin).Seconds())
}

// root is the folder that is served.
func (t *trial) root() string { return filepath.Join(t.out, "root") }

func (t *trial) name() string {
	if t.engine == "" {
		return "default"
	}
	return t.engine
}

// subjects are the servers and the clients that fit them. Each gets its own share of the randomness.
func (t *trial) subjects(names ...string) (all []*subject, err error) {
	for i, name := range names {
		s := &subject{trial: t, seed: t.seed + uint64(i)<<32}
		var arguments []string
		denied := 0
		switch name {
		case "files":
			s.session = fileSession
			arguments = []string{"-root", t.root()}
			if t.small {
				denied = unix.SYS_CACHESTAT
			}
		case "frames":
			s.session = frameSession
		case "echo":
			s.session = echoSession
		}
		if s.server, err = t.start(name, denied, arguments...); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	// What the runtime opens once, and the memory of the engine, are there after a little work.
	return all, each(all, func(s *subject) error {
		r, err := s.load(0, options{conns: 4})
		if err == nil && r.cut != 0 {
			err = fmt.Errorf("%d connections were cut before any trouble: %w", r.cut, r.why)
		}
		if err == nil {
			s.before, err = s.holds()
		}
		if err != nil {
			err = s.dump(err)
		}
		return err
	})
}

// subject is a server under load.
type subject struct {
	*server
	trial   *trial
	seed    uint64
	before  state // when all was well
	session func(*client) error
}

// random returns a source of its own for a phase and a client.
func (s *subject) random(phase, client int) *rand.Rand {
	return rand.New(rand.NewPCG(s.seed, uint64(phase)<<32+uint64(client)))
}

// each calls f for all subjects at the same time.
func each(all []*subject, f func(*subject) error) error {
	errs := make([]error, len(all))
	var wait sync.WaitGroup
	for i, s := range all {
		wait.Go(func() {
			if err := f(s); err != nil {
				errs[i] = fmt.Errorf("%s: %w", s.name, err)
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// finish holds a server that had trouble to its duties: it serves, it has given back what it took, it rests, and it ends well.
func (s *subject) finish() error {
	r, err := s.load(lastPhase, options{conns: 4, length: 50 * time.Millisecond})
	if err == nil && r.cut != 0 {
		err = fmt.Errorf("%d connections were cut after the faults were over: %w", r.cut, r.why)
	}
	if err == nil {
		err = s.settled(s.before)
	}
	if err == nil {
		err = s.rests()
	}
	if err != nil {
		return s.dump(err)
	}
	if err = s.stop(); err != nil {
		return err
	}
	return s.checkLog()
}

func report(s *subject, phase string, r result, more ...string) {
	log.Printf("  %-7s %-16s %4d connections, %5.1f MB right, %d reset, %d cut, longest %.1f s  %s", s.name, phase, r.sessions,
		float64(r.bytes)/1e6, r.resets, r.cut, r.longest.Seconds(), strings.Join(more, " "))
}
