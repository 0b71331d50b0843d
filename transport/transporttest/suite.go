package transporttest

import (
	"fmt"
	"net"
	"slices"
	"testing"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// Run tests an engine with one loop and with two; in short mode, in which the race detector and checked mode run, with two.
func Run(t *testing.T, e engine.Engine) {
	for _, loops := range []int{1, 2} {
		if testing.Short() && loops == 1 {
			continue
		}
		t.Run(fmt.Sprintf("loops=%d", loops), Suite{Engine: e, Loops: loops}.Run)
	}
}

// A Suite is the behaviour suite for an engine that differs from the usual.
type Suite struct {
	// Engine is tested. It is required.
	Engine engine.Engine
	// Loops is the number of loops of most groups. Zero means 2.
	Loops int
	// Dial and Listen make the other side of connections. Nil means those of package net; an engine that does not use
	// the system's network has its own. Connections should have the methods CloseWrite and SetLinger of a
	// *net.TCPConn, and listeners that are not sockets of the system a method SetBacklog(int): with 0 no Dial comes through.
	Dial   func(network, addr string) (net.Conn, error)
	Listen func(network, addr string) (net.Listener, error)
	// Skip names cases that the engine cannot pass, each with the reason.
	Skip map[string]string
	// Without names cases that mean nothing for what is tested, and are not run: with TLS, say, those about connections that
	// nobody has accepted, since there the peer waits to be answered. An engine by itself has none.
	Without []string
	// InProcess says that neither the engine nor Dial and Listen use sockets of the system. Cases about these then look for the
	// same promise without them.
	InProcess bool
}

// A behaviour is one case of the suite.
type behaviour struct {
	name string
	why  string // what is expected, in a sentence, for those who read a failure
	run  func(*world)
}

// cases returns the whole suite.
func cases() []behaviour {
	return slices.Concat(
		echoCases, burstCases, fileCases, fileFaultCases, halfCloseCases, closeCases, lingerCases, resetCases,
		pauseCases, pressureCases, memoryCases, shortageCases, remoteCases, timerCases, panicCases, errorCases,
		dialCases, dialFaultCases, listenCases, placeCases, acceptCases, descriptorCases, addressCases, optionCases,
		drainCases, groupCases, groupCloseCases, localCases, relayCases, relayEndCases, relayTapCases,
	)
}

// Cases returns the names of the cases, for Skip and for reports.
func Cases() []string {
	var names []string
	for _, c := range cases() {
		names = append(names, c.name)
	}
	return names
}

// Run runs the suite.
func (s Suite) Run(t *testing.T) {
	if s.Loops == 0 {
		s.Loops = 2
	}
	if s.Dial == nil {
		s.Dial = net.Dial
	}
	if s.Listen == nil {
		s.Listen = net.Listen
	}
	for _, c := range cases() {
		if slices.Contains(s.Without, c.name) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			if reason := s.Skip[c.name]; reason != "" {
				t.Skip(reason)
			}
			s.run(t, c)
		})
	}
}

func (s Suite) run(t *testing.T, c behaviour) {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s: expected: %s", s.Engine, c.why)
		}
	})
	warm.Do(warmUp)
	before := resourcesInUse()
	w := newWorld(t, s)
	defer w.end(before)
	c.run(w)
}
