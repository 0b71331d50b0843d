package ropewalk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// noExample are the packages that need no Example, and why.
var noExample = map[string]string{
	"transport/engine": "types that engines implement: there is nothing in it that could run",
	"transport/epoll":  "used through transport, whose examples run on it",

	"buffer/buffertest":       "takes a testing.TB; the tests of all other packages are its examples",
	"transport/transporttest": "takes a *testing.T; the one line that uses it is in its package comment",

	"transport/internal/group":             "used through the engines",
	"transport/internal/socket":            "used through transport/epoll and transport/uring",
	"transport/internal/socket/sockettest": "takes a *testing.T; the tests of the engines are its examples",
}

// TestDocumented looks for a package comment and an Example in every package.
func TestDocumented(t *testing.T) {
	for _, p := range goList(t, runtime.GOOS, "./...") {
		folder := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if folder == "" {
			continue
		}
		if p.Doc == "" {
			t.Errorf("%s has no package comment", folder)
		}
		if _, ok := noExample[folder]; !ok && p.Name != "main" && !hasExample(t, p.Dir) {
			t.Errorf("%s has no Example in its tests that is run: it shows how the package is meant to be used, and that it works", folder)
		}
	}
}

// hasExample tells whether a folder has an Example with an Output, which go test compares.
func hasExample(t *testing.T, dir string) bool {
	t.Helper()
	tests, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tests {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(fn.Name.Name, "Example") {
				continue
			}
			for _, c := range f.Comments {
				text := strings.ToLower(c.Text())
				if c.Pos() > fn.Pos() && c.End() < fn.End() &&
					(strings.HasPrefix(text, "output:") || strings.HasPrefix(text, "unordered output:")) {
					return true
				}
			}
		}
	}
	return false
}

// banned are texts that do not belong into sources, and why. They are written in two halves because this file is
// searched too.
var banned = []struct {
	text  string
	tests bool // only in tests and test kits
	why   string
}{
	{"//go:" + "norace", false, "the race detector sees the shipped code: there is one code path"},
	{"//go:" + "linkname", false, "what the runtime does not export may change in every release"},
	{"time." + "Sleep(", true, "a test that sleeps is slow or flaky, mostly both: use the fake clock of channeltest, testing/synctest, or wait for what is to happen"},
}

// TestBanned searches all sources of the module. That it opens them also tells go test, which cannot see what go list reads,
// that the results of this package are out of date when one of them has changed.
func TestBanned(t *testing.T) {
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "bench" || name != "." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		test := strings.HasSuffix(name, "_test.go") || isKit(filepath.ToSlash(filepath.Dir(name)))
		for n, line := range strings.Split(string(text), "\n") {
			for _, b := range banned {
				if strings.Contains(line, b.text) && (test || !b.tests) {
					t.Errorf("%s:%d: %s: %s", name, n+1, b.text, b.why)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
