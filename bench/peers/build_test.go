package peers

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/peers/netty"
)

// A server is a row: a program in Go, or its command line.
type server struct {
	name  string
	modes []string
	argv  []string // but for -mode
	goes  bool
	loops bool // it has loops, so there may be several
	// optional says why it may be missing
	optional bool
}

var goServers = []server{
	{name: "ropewalk", modes: []string{"raw", "frame", "fan"}, loops: true},
	{name: "std", modes: []string{"raw", "frame", "fan", "fanwriters"}},
	{name: "gnet", modes: []string{"raw", "frame", "framecopy", "frameflat", "fan"}, loops: true},
	{name: "netpoll", modes: []string{"raw", "frame", "fan", "fanqueue"}, loops: true},
	{name: "nbio", modes: []string{"raw", "frame", "fan"}, loops: true},
	{name: "evio", modes: []string{"raw", "frame", "fan"}, loops: true},
	{name: "gonetty", modes: []string{"raw", "frame", "fan"}},
}

// longest is the payload of the longest frame that servers are told to accept.
const longest = 1 << 20

var (
	folder string // of what is built
	built  = sync.OnceValues(build)
)

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "ropewalk-peers-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// servers are all that there are here, built once.
func servers(t *testing.T) (*harness.Builder, []server) {
	t.Helper()
	b, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for _, why := range b.missing {
		t.Logf("missing: %s", why)
	}
	return b.Builder, b.servers
}

// A fleet is what has been built.
type fleet struct {
	*harness.Builder
	servers []server
	missing []string // what cannot be built here, and why
}

func build() (*fleet, error) {
	b, err := harness.NewBuilder(context.Background(), folder)
	if err != nil {
		return nil, err
	}
	f := &fleet{Builder: b}
	return f, errors.Join(b.LoadGenerator(), f.buildGo(), f.buildC(), f.buildNetty())
}

func (f *fleet) buildGo() error {
	var names []string
	for _, s := range goServers {
		names = append(names, s.name)
		s.argv, s.goes = []string{f.Bin(s.name), "-max", "1048576"}, true
		f.servers = append(f.servers, s)
	}
	for _, engine := range []string{"uring", "std", "gnet"} {
		s := f.servers[0] // ropewalk
		s.name += " -engine " + engine
		s.argv = append(slices.Clone(s.argv), "-engine", engine)
		s.optional, s.loops = engine == "uring", false
		f.servers = append(f.servers, s)
	}
	return f.Peers(names...)
}

func (f *fleet) buildC() error {
	for name, mode := range map[string]string{"echo": "raw", "frames": "frame", "fan": "fan"} {
		if err := f.C("c-"+name, name+".c"); err != nil {
			return err
		}
		f.servers = append(f.servers, server{name: "c-" + name, modes: []string{mode}, argv: []string{f.Bin("c-" + name)}})
	}
	if err := f.C("c-uring", "uring.c"); err != nil { // headers older than Linux 6.0
		f.missing = append(f.missing, "c-uring: "+err.Error())
		return nil
	}
	argv := []string{f.Bin("c-uring"), "-max", "1048576"}
	f.servers = append(f.servers, server{name: "c-uring", modes: []string{"raw", "frame"}, argv: argv, optional: true})
	return nil
}

// buildNetty leaves the server out where there is no JVM or no Netty. That it does not compile is another thing.
func (f *fleet) buildNetty() error {
	argv, err := netty.Build(context.Background(), f.Dir)
	switch {
	case err == nil:
		f.servers = append(f.servers, server{name: "netty", modes: []string{"raw", "frame", "frameslice", "fan"}, argv: argv})
	case strings.Contains(err.Error(), "Debian:"):
		f.missing = append(f.missing, "netty: "+err.Error())
	default:
		return err
	}
	return nil
}

// start starts a server, which ends with the test. One that may be missing, and is, gives nil.
func (s server) start(t *testing.T, mode string, args ...string) *harness.Server {
	t.Helper()
	argv := append(append(slices.Clone(s.argv), "-mode", mode), args...)
	k := harness.Kind{Name: s.name + " " + mode, Go: s.goes, Counts: s.goes, Argv: argv}
	running, err := harness.Start(t.Context(), k)
	if err != nil && s.optional {
		t.Logf("missing: %v", err)
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running
}
