// Package ropewalk_test holds what no single package can hold about itself: which package may import which, that every
// package explains itself, and that the program in README.md is one.
package ropewalk_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ropewalk/ropewalk"

// A rule says what the packages of a folder may import of this module and of other modules. Package std is free for all.
type rule struct {
	folder  string   // "buffer", or "codec/*" for the packages below codec
	own     []string // folders of this module
	foreign []string // packages of other modules
	why     string
}

// rules are the map of docs/architecture.md. Test kits follow from them, see kitRule.
var rules = []rule{
	{"buffer", nil, []string{"golang.org/x/sys/unix", "github.com/valyala/bytebufferpool"},
		"bytes know nothing of networks: a codec or a file format can use them alone"},
	{"buffer/metrics", []string{"buffer"}, nil,
		"whoever measures a pool must not need a network of ours; what Prometheus needs is in a module of its own, buffer/metrics/prometheus"},
	{"channel", []string{"buffer"}, []string{"golang.org/x/sys/unix"},
		"what engines share must not know an engine, nor what stands above the Sink; statx of Linux is not in package syscall"},
	{"channel/datagram", []string{"buffer", "channel"}, nil,
		"packets stand on the machinery of channels; who has only streams does not link them"},
	{"pipeline", []string{"buffer", "channel"}, nil,
		"pipeline and transport meet at channel.Sink and never import each other"},
	{"pipeline/*", []string{"buffer", "channel", "pipeline"}, nil,
		"a ready-made stage runs on every transport"},
	{"pipeline/datagram", []string{"buffer", "channel", "channel/datagram"}, nil,
		"a pipeline of packets has nothing of one of streams, so that the two cannot be mixed up"},
	{"codec", []string{"buffer", "pipeline"}, nil,
		"a codec turns bytes into messages, whatever moves them"},
	{"codec/*", []string{"buffer", "channel", "pipeline", "codec"}, nil,
		"a protocol runs on every transport"},
	{"codec/websocket", []string{"buffer", "channel", "pipeline", "codec", "codec/http1"}, []string{"github.com/klauspost/compress/flate"},
		"a WebSocket begins as a request; its compression can start from a dictionary and keep to a window, which that of Go cannot"},
	{"codec/http1/*", []string{"buffer", "channel", "pipeline", "codec", "codec/http1"}, []string{"golang.org/x/sys/unix"},
		"what answers requests runs on every transport; openat2 and statx of Linux are not in package syscall"},
	{"transport/engine", []string{"buffer", "channel", "channel/datagram"}, nil,
		"the seam that transport and the engines import imports neither"},
	{"transport/*", []string{"buffer", "channel", "transport/engine", "transport/internal/group"}, []string{"golang.org/x/sys/unix"},
		"an engine moves bytes for a channel; it knows neither its siblings nor who configures it"},
	{"transport/internal/*", []string{"buffer", "channel", "channel/datagram", "transport/engine", "transport/internal/group"}, []string{"golang.org/x/sys/unix"},
		"what engines share knows none of them"},
	{"transport/mem", []string{"buffer", "channel", "transport/engine", "transport/internal/group"}, nil,
		"the engine for tests runs wherever Go does: it has no system below it"},
	{"transport/gnet", []string{"buffer", "channel", "transport/engine", "transport/internal/group"}, []string{"golang.org/x/sys/unix", "github.com/panjf2000/gnet/v2", "github.com/panjf2000/gnet/v2/pkg/logging"},
		"only those who import it link gnet, and what gnet needs"},
	{"transport/epoll", []string{"buffer", "channel", "transport/engine", "transport/internal/socket"}, []string{"golang.org/x/sys/unix"},
		"an engine on sockets of Linux: the poller is its own, the rest is shared"},
	{"transport/uring", []string{"buffer", "channel", "transport/engine", "transport/internal/socket"}, []string{"golang.org/x/sys/unix"},
		"an engine on sockets of Linux: the poller is its own, the rest is shared"},
	{"transport", []string{"buffer", "channel", "channel/*", "transport/engine", "transport/epoll", "transport/uring", "transport/std"}, []string{"golang.org/x/sys/unix"},
		"transport and pipeline meet at channel.Sink and never import each other; other engines are paid for by those who import them"},
	{"examples/*", []string{"buffer", "channel", "pipeline", "pipeline/*", "codec", "codec/*", "codec/http1/*", "transport", "transport/*", "examples/internal/*"}, nil,
		"examples are what a user would write"},
	{"examples/internal/engines", []string{"transport/*"}, nil,
		"the flag that chooses an engine knows engines and nothing else"},
	{"examples/internal/page", []string{"codec/http1"}, nil,
		"a page is an answer to a request"},
}

// listed is what go list tells about a package.
type listed struct {
	ImportPath string
	Name       string
	Doc        string
	Dir        string
	Standard   bool
	Imports    []string
}

// goList returns the packages that patterns stand for, as built for a system.
func goList(t *testing.T, goos string, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Name,Doc,Dir,Standard,Imports"}, args...)...)
	cmd.Env = append(cmd.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			t.Fatalf("%v: %v\n%s", cmd, err, failed.Stderr)
		}
		t.Fatalf("%v: %v", cmd, err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatalf("%v: %v", cmd, err)
		}
		all = append(all, p)
	}
}

// in tells whether a folder is one of these; "codec/*" stands for what is directly below codec.
func in(folder string, these []string) bool {
	return slices.ContainsFunc(these, func(one string) bool {
		if parent, ok := strings.CutSuffix(one, "/*"); ok {
			return path.Dir(folder) == parent
		}
		return folder == one
	})
}

// isKit tells whether a package is a test kit, such as buffer/buffertest.
func isKit(folder string) bool { return strings.HasSuffix(folder, "test") }

// ruleOf returns the rule for a package: the one with its name, else the one for what lies below its parent.
func ruleOf(folder string) (rule, bool) {
	if isKit(folder) {
		return kitRule(folder)
	}
	for _, r := range rules {
		if r.folder == folder {
			return r, true
		}
	}
	for _, r := range rules {
		if in(folder, []string{r.folder}) {
			return r, true
		}
	}
	return rule{}, false
}

// kitRule is the rule for a test kit: it may import its parent, what that can reach, and other kits of these.
func kitRule(folder string) (rule, bool) {
	parent := path.Dir(folder)
	of, ok := ruleOf(parent)
	if !ok {
		return rule{}, false
	}
	reach := []string{parent}
	for i := 0; i < len(reach); i++ {
		r, _ := ruleOf(reach[i])
		for _, f := range r.own {
			if !slices.Contains(reach, f) {
				reach = append(reach, f)
			}
		}
	}
	for _, f := range slices.Clone(reach) {
		reach = append(reach, f+"/"+path.Base(f)+"test")
	}
	return rule{folder, reach, of.foreign, "a test kit stands beside its package, and no higher"}, true
}

// TestImports holds the directions of the map, for every system that ropewalk builds on.
func TestImports(t *testing.T) {
	told := make(map[[2]string]bool) // most edges are the same on all systems
	for _, goos := range []string{"linux", "darwin", "windows"} {
		std := map[string]bool{"unsafe": true, "C": true}
		for _, p := range goList(t, goos, "-deps", "./...") {
			std[p.ImportPath] = std[p.ImportPath] || p.Standard
		}
		for _, p := range goList(t, goos, "./...") {
			folder := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
			if folder == "" {
				continue
			}
			r, ok := ruleOf(folder)
			if !ok && !told[[2]string{folder}] {
				told[[2]string{folder}] = true
				t.Errorf("%s has no place on the map: add a rule for it to imports_test.go, and a line to docs/architecture.md", folder)
			}
			if !ok {
				continue
			}
			for _, imp := range p.Imports {
				edge := [2]string{folder, imp}
				to, own := strings.CutPrefix(imp, module+"/")
				if std[imp] || told[edge] {
					continue
				}
				switch {
				default:
					continue
				case own && isKit(to) && !isKit(folder):
					t.Errorf("%s: %s imports %s: test kits are for tests, and must not be linked into programs", goos, folder, to)
				case own && !in(to, r.own):
					t.Errorf("%s: %s imports %s, but may import only %s of this module: %s", goos, folder, to, list(r.own), r.why)
				case !own && !slices.Contains(r.foreign, imp):
					t.Errorf("%s: %s imports %s, but may import only %s of other modules: whoever uses it would pay for it",
						goos, folder, imp, list(r.foreign))
				}
				told[edge] = true
			}
		}
	}
}

// TestReach looks at everything that a user of one package links in, not just at its imports.
func TestReach(t *testing.T) {
	for _, c := range []struct {
		from string
		not  []string
		why  string
	}{
		{"pipeline", []string{"transport"}, "a pipeline runs on any transport, also one that is not ours"},
		{"codec", []string{"transport"}, "a codec runs on any transport, also one that is not ours"},
		{"transport", []string{"pipeline", "codec"}, "a Sink can be written without a pipeline"},
		{"buffer", []string{"channel", "pipeline", "codec", "transport"}, "buffers are of use without a network"},
		{"transport", []string{"buffer/metrics", "expvar", "net/http"}, "a web server is paid for by those who import buffer/metrics"},
	} {
		for _, p := range goList(t, runtime.GOOS, "-deps", "./"+c.from) {
			to := strings.TrimPrefix(p.ImportPath, module+"/")
			for _, not := range c.not {
				if to == not || strings.HasPrefix(to, not+"/") {
					t.Errorf("%s reaches %s: %s", c.from, to, c.why)
				}
			}
		}
	}
}

func list(s []string) string {
	if len(s) == 0 {
		return "nothing"
	}
	return strings.Join(s, ", ")
}
