package bufvet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/ropewalk/ropewalk/buffer/bufvet"
)

// TestAnalyzer runs over testdata, a module that uses the real packages, and compares what is found with the comments there:
//
//	b.Release() // want `a second time`         one or more patterns, each for one finding in this line
//	// want -1 `a directive needs a reason`     for the line above, or another one near by
//
// (Package analysistest would also have the facts about all functions spelled out.)
func TestAnalyzer(t *testing.T) {
	graph := analyze(t, "testdata", "./...")
	wants := make(map[string][]*regexp.Regexp)
	for _, dir := range folders(t) {
		readWants(t, dir, wants)
	}
	seen := make(map[string]bool) // a package and its variant with tests have files in common
	for act := range graph.All() {
		if !act.IsRoot {
			continue
		}
		for _, d := range act.Diagnostics {
			p := act.Package.Fset.Position(d.Pos)
			at := place(p.Filename, p.Line)
			if seen[at+d.Message] {
				continue
			}
			seen[at+d.Message] = true
			if !take(wants, at, d.Message) {
				t.Errorf("%s: not expected: %s", at, d.Message)
			}
			if d.Category == "" {
				t.Errorf("%s: no category: %s", at, d.Message)
			}
		}
	}
	for at, left := range wants {
		for _, re := range left {
			t.Errorf("%s: not found: %s", at, re)
		}
	}
}

func analyze(t *testing.T, dir, pattern string) *checker.Graph {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: dir, Tests: true}, pattern)
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(pkgs) > 0 || len(pkgs) == 0 {
		t.Fatal("the packages cannot be loaded")
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{bufvet.Analyzer}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	for act := range graph.All() {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
	}
	return graph
}

func folders(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("testdata/*/*.go")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no test data", err)
	}
	return dirs
}

func place(file string, line int) string {
	return fmt.Sprintf("%s/%s:%d", filepath.Base(filepath.Dir(file)), filepath.Base(file), line)
}

var (
	want    = regexp.MustCompile("// want ([+-][0-9] )?(`.*`)$")
	pattern = regexp.MustCompile("`[^`]*`")
)

func readWants(t *testing.T, name string, wants map[string][]*regexp.Regexp) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		m := want.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		n := i + 1
		if m[1] != "" {
			off, err := strconv.Atoi(strings.TrimSpace(m[1]))
			if err != nil {
				t.Fatal(err)
			}
			n += off
		}
		for _, p := range pattern.FindAllString(m[2], -1) {
			p, err := strconv.Unquote(p)
			if err != nil {
				t.Fatal(err)
			}
			at := place(name, n)
			wants[at] = append(wants[at], regexp.MustCompile(p))
		}
	}
}

// take removes a pattern that a message matches.
func take(wants map[string][]*regexp.Regexp, at, message string) bool {
	for i, re := range wants[at] {
		if re.MatchString(message) {
			wants[at] = append(wants[at][:i], wants[at][i+1:]...)
			return true
		}
	}
	return false
}
