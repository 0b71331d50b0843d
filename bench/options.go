package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/page"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// options are what the command line says.
type options struct {
	plan     plan
	only     filters
	fileDir  string
	out      string // folder of the files
	from     string // a result to show instead of measuring
	compare  string // a result to show beside this one
	markdown bool
}

// filters narrow what is measured. Empty ones let everything pass.
type filters struct{ workloads, cells, servers []string }

func parse(args []string, out io.Writer) (*options, error) {
	o := new(options)
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(out)
	fullRun := flags.Bool("full", false, "all cells, about 40 minutes; else a choice of them, less than five")
	smokeRun := flags.Bool("smoke", false, "see that everything runs: far too short for figures")
	workloads := flags.String("workloads", "", "only these, by comma: "+strings.Join(names(workloads), ","))
	cells := flags.String("cells", "", "only these, by comma: payload/connections/depth of raw and frames, others by their name")
	only := flags.String("servers", "", "only these beside c and ropewalk, by comma")
	rounds := flags.Int("rounds", 0, "interleaved rounds of each cell; 0 is 3, or 5 with -full")
	seconds := flags.Float64("time", 0, "seconds measured in a round; 0 is 0.15, or 0.25 with -full")
	noise := flags.Float64("noise", 0.15, "a cell in which a server differs from itself by more is called noisy")
	flags.StringVar(&o.out, "out", "out", "folder for result.json and result.html; empty writes none")
	flags.StringVar(&o.from, "from", "", "measure nothing: show this result.json")
	flags.StringVar(&o.compare, "compare", "", "show this older result.json beside it")
	flags.BoolVar(&o.markdown, "markdown", false, "print the tables as Markdown")
	flags.StringVar(&o.fileDir, "file-dir", "/var/tmp", "where the files to be served are made (on a disk)")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	o.only = filters{split(*workloads), split(*cells), split(*only)}
	o.plan = quick
	switch {
	case *smokeRun:
		o.plan = smoke
	case *fullRun:
		o.plan = full
	}
	if *rounds > 0 {
		o.plan.rounds = *rounds
	}
	if *seconds > 0 {
		o.plan.time = *seconds
	}
	o.plan.noiseLimit = *noise
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("what is %q? workloads are chosen by -workloads", flags.Arg(0))
	}
	return o, o.only.check()
}

// check finds names that are none.
func (f filters) check() error {
	for _, w := range f.workloads {
		if !slices.Contains(names(workloads), w) {
			return fmt.Errorf("-workloads: there is no %q, but %s", w, strings.Join(names(workloads), ", "))
		}
	}
	for _, name := range f.servers {
		if !slices.ContainsFunc(servers, func(s server) bool { return s.Name == name }) {
			return fmt.Errorf("-servers: there is no %q", name)
		}
	}
	for _, text := range f.cells {
		if strings.Count(text, "/") == 2 {
			if _, err := echo.Parse(text); err != nil {
				return fmt.Errorf("-cells: %w", err)
			}
		}
	}
	return nil
}

func names(all []result.Workload) []string {
	var list []string
	for _, w := range all {
		list = append(list, w.Name)
	}
	return list
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// render shows a result that is there already.
func (o *options) render() error {
	f, err := result.Load(o.from)
	if err != nil {
		return err
	}
	return o.show(f)
}

// write saves a result and shows it.
func (o *options) write(f *result.File) error {
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return err
		}
		name := filepath.Join(o.out, "result.json")
		if err := f.Save(name); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "saved: %s\n", name)
	}
	if err := o.show(f); err != nil {
		return err
	}
	if n := len(f.Failures); n > 0 {
		return fmt.Errorf("%d failure(s), listed above", n)
	}
	return nil
}

// show prints the tables and makes the page.
func (o *options) show(f *result.File) error {
	var old *result.File
	if o.compare != "" {
		var err error
		if old, err = result.Load(o.compare); err != nil {
			return err
		}
	}
	if o.markdown {
		page.Markdown(os.Stdout, f, old)
	} else {
		page.Text(os.Stdout, f, old)
	}
	if o.out == "" {
		return nil
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	name := filepath.Join(o.out, "result.html")
	html, err := page.HTML(f, old)
	if err == nil {
		err = os.WriteFile(name, html, 0o644)
	}
	if err == nil {
		fmt.Fprintf(os.Stderr, "saved: %s\n", name)
	}
	return err
}
