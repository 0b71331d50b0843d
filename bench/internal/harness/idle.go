package harness

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// An Idle is the resident memory of a server, in bytes: before connections came, when all were there, when they had been
// silent for a while, and when they were gone.
type Idle struct {
	Before, Open, Settled, Closed int64
	Conns                         int
}

// PerConn returns what each connection takes.
func (i *Idle) PerConn() float64 { return float64(i.Settled-i.Before) / float64(i.Conns) }

// An IdleTrial says how it is measured.
type IdleTrial struct {
	Kind   Kind
	Env    []string
	Conns  int
	Settle time.Duration                  // given to memory once all connections are idle; 0 means 4 s
	Brief  bool                           // do not wait for what is left when they are gone
	Warm   func(*Server) error            // speaks to the server: what it allocates on its first messages belongs to the base
	Hold   func(*Server) (*Holder, error) // opens the connections
}

// Measure starts a server and holds connections that are silent.
func (c IdleTrial) Measure(ctx context.Context) (*Idle, error) {
	s, err := Start(ctx, c.Kind, c.Env...)
	if err != nil {
		return nil, err
	}
	defer s.Stop()
	if err := c.Warm(s); err != nil {
		return nil, err
	}
	time.Sleep(time.Second / 2)
	m := &Idle{Conns: c.Conns}
	if m.Before, err = RSS(s.Pid()); err != nil {
		return nil, err
	}
	held, err := c.Hold(s)
	if err != nil {
		return nil, err
	}
	defer held.Release()
	m.Open, _ = RSS(s.Pid())
	time.Sleep(cmp.Or(c.Settle, 4*time.Second))
	if m.Settled, err = RSS(s.Pid()); err != nil {
		return nil, err
	}
	if n := Descriptors(s.Pid()); n < c.Conns {
		return nil, fmt.Errorf("%s has only %d open files", c.Kind.Name, n)
	}
	held.Release()
	if c.Brief {
		return m, nil
	}
	time.Sleep(time.Second)
	m.Closed, _ = RSS(s.Pid())
	return m, nil
}
