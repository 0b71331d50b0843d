// Package result is what a run of the bench leaves behind: the figures of every server in every cell, round by round, and
// what follows from them. It is saved as JSON, from which all tables and pages are made, today's or those of a year ago.
//
//	File
//	├── Servers     the columns: what they are, what they are built on, why one is missing
//	├── Workloads   what is done, what an operation is, which metrics are compared
//	├── Cells       a workload in one shape
//	│   └── Rows    a server in it
//	│       ├── Rounds   what varies: a set of figures for each round, null where it was dropped
//	│       └── Once     what is counted and not timed, in a window of its own
//	├── Goals       met, LOST or not measured
//	└── Failures    wrong bytes, programs that do not build
//
// A figure is compared with that of another server in the same round, and the median of such ratios is what counts
// (Cell.Ratio). Servers that run twice say how far ratios can be trusted (Cell.Noise). Nothing here is safe for use by several
// goroutines that change it.
package result

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
)

// Schema is the version of the layout. It changes when a reader of the last one would be wrong.
const Schema = 1

// A File is everything that a run has found.
type File struct {
	Schema    int           `json:"schema"`
	When      time.Time     `json:"when"`
	Seconds   float64       `json:"seconds"` // that the run took, with building
	Machine   string        `json:"machine"`
	Source    string        `json:"source,omitempty"` // the commit, by git describe
	Options   Options       `json:"options"`
	Servers   []Server      `json:"servers"`
	Workloads []Workload    `json:"workloads"`
	Cells     []Cell        `json:"cells"`
	Goals     figures.Goals `json:"goals"`
	Notes     []string      `json:"notes,omitempty"`
	Failures  []string      `json:"failures,omitempty"`
}

// Options are how it was measured.
type Options struct {
	Mode       string  `json:"mode"` // quick or full, and what it was narrowed to
	Rounds     int     `json:"rounds"`
	Time       float64 `json:"time_s"` // measured in a round
	Warm       float64 `json:"warm_s"` // before that
	NoiseLimit float64 `json:"noise_limit"`
}

// Groups of servers.
const (
	Floor = "floor" // the least that a correct server does, in C
	Ours  = "ours"
	Go    = "go"
	Java  = "java"
	C     = "c" // others in C, such as nginx
)

// Names that have a meaning: all ratios are to one of these, and each runs twice.
const (
	FloorName = "c"
	OursName  = "ropewalk"
	Again     = " again" // appended to the name of a server that runs a second time
)

// A Server is a column.
type Server struct {
	Name  string `json:"name"`
	What  string `json:"what"` // in a sentence
	Group string `json:"group"`
}

// A Workload is what servers are asked to do.
type Workload struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	What     string   `json:"what"`     // in a sentence or two
	Unit     string   `json:"unit"`     // an operation: message, connection, delivery
	Compared []string `json:"compared"` // metrics by which servers are ranked
}

// A Cell is a workload in one shape.
type Cell struct {
	Workload string `json:"workload"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	Rows     []Row  `json:"rows"`
}

// A Row is a server in a cell.
type Row struct {
	Server  string    `json:"server"`
	Missing string    `json:"missing,omitempty"` // why it has no figures
	Rounds  []Figures `json:"rounds,omitempty"`
	Once    Figures   `json:"once,omitempty"`
}

// Figures are measurements by the name of their metric. What was not measured is not in it.
type Figures map[string]float64

// Save writes the file.
func (f *File) Save(name string) error { return figures.Save(name, f) }

// Load reads a file and looks whether it is one of these.
func Load(name string) (*File, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f := new(File)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := f.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// Check returns an error if a part of the file names one that is not there.
func (f *File) Check() error {
	if f.Schema != Schema {
		return fmt.Errorf("schema %d; this program reads %d", f.Schema, Schema)
	}
	seen := map[string]bool{}
	for _, c := range f.Cells {
		if f.Workload(c.Workload) == nil {
			return fmt.Errorf("cell %s is of workload %q, which is not there", c.Name, c.Workload)
		}
		if seen[c.ID()] {
			return fmt.Errorf("cell %s is there twice", c.ID())
		}
		seen[c.ID()] = true
		for _, r := range c.Rows {
			if f.Server(r.Server) == nil {
				return fmt.Errorf("cell %s has a row of server %q, which is not there", c.ID(), r.Server)
			}
			for _, known := range append(slices.Clone(r.Rounds), r.Once) {
				for name := range known {
					if _, ok := MetricOf(name); !ok {
						return fmt.Errorf("cell %s, %s: there is no metric %q", c.ID(), r.Server, name)
					}
				}
			}
		}
	}
	return nil
}

// Workload returns the workload of that name, nil if there is none.
func (f *File) Workload(name string) *Workload {
	if i := slices.IndexFunc(f.Workloads, func(w Workload) bool { return w.Name == name }); i >= 0 {
		return &f.Workloads[i]
	}
	return nil
}

// Server returns the server of that name, nil if there is none.
func (f *File) Server(name string) *Server {
	if i := slices.IndexFunc(f.Servers, func(s Server) bool { return s.Name == name }); i >= 0 {
		return &f.Servers[i]
	}
	return nil
}

// ID tells a cell from all others.
func (c *Cell) ID() string { return c.Workload + " " + c.Name }

// Row returns the row of a server, nil if it has no figures here.
func (c *Cell) Row(server string) *Row {
	i := slices.IndexFunc(c.Rows, func(r Row) bool { return r.Server == server })
	if i < 0 || c.Rows[i].Missing != "" {
		return nil
	}
	return &c.Rows[i]
}
