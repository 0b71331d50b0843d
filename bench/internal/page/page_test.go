package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// row makes rounds of a server out of the CPU of each.
func row(server string, cpu ...float64) result.Row {
	r := result.Row{Server: server, Once: result.Figures{"calls": 2, "allocs": 0}}
	for _, v := range cpu {
		r.Rounds = append(r.Rounds, result.Figures{"cpu_ns": v, "user_ticks": 1, "sys_ticks": 3, "rate": 1e9 / v, "busy": 0.9,
			"p50_us": v / 10, "p99_us": v / 5, "p999_us": v})
	}
	return r
}

func alone(server, metric string, v float64) result.Row {
	return result.Row{Server: server, Rounds: []result.Figures{{metric: v}}}
}

// sample is a result with a win, a loss, a level and a noisy cell, a missing row, and a name that is no HTML.
func sample() *result.File {
	f := &result.File{
		Schema: result.Schema, When: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), Seconds: 100, Machine: "A <machine> & more", Source: "abc",
		Options: result.Options{Mode: "quick", Rounds: 2, Time: 0.2, NoiseLimit: 0.15},
		Servers: []result.Server{
			{Name: "c", Group: result.Floor, What: "the floor"}, {Name: "c again", Group: result.Floor},
			{Name: "ropewalk", Group: result.Ours}, {Name: "ropewalk again", Group: result.Ours}, {Name: "ropewalk-std", Group: result.Ours},
			{Name: "gnet", Group: result.Go, What: "gnet <v2>"}, {Name: "std", Group: result.Go}, {Name: "netty", Group: result.Java},
		},
		Workloads: []result.Workload{
			{Name: "frames", Title: "Frames", Unit: "frame", Compared: []string{"cpu_ns"}},
			{Name: "open", Title: "Latency", Unit: "message", Compared: []string{"p50_us", "p99_us", "cpu_ns"}},
			{Name: "slow", Title: "Slow", Compared: []string{"growth_mib"}},
			{Name: "idle", Title: "Idle", Unit: "connection", Compared: []string{"conn_bytes"}},
		},
		Cells: []result.Cell{
			{Workload: "frames", Name: "64/64/1", Title: "64 B", Rows: []result.Row{row("c", 100, 100), row("c again", 101, 99), row("ropewalk", 110, 110),
				row("ropewalk again", 111, 110), row("ropewalk-std", 150, 150), row("gnet", 100, 100), row("std", 300, 300), {Server: "netty", Missing: "no <JVM>"}}},
			{Workload: "frames", Name: "64/64/32", Title: "deep", Rows: []result.Row{row("c", 100, 100), row("c again", 150, 140), row("ropewalk", 110, 110),
				row("gnet", 112, 112), row("std", 9000, 9000)}},
			{Workload: "open", Name: "half load", Title: "5 a second", Rows: []result.Row{row("c", 100, 100), row("ropewalk", 110, 110), row("gnet", 120, 100)}},
			{Workload: "slow", Name: "8MiB", Title: "8 MiB", Rows: []result.Row{alone("c", "growth_mib", 1), alone("ropewalk", "growth_mib", 2), alone("gnet", "growth_mib", 200)}},
			{Workload: "idle", Name: "100", Title: "100", Rows: []result.Row{alone("c", "conn_bytes", 0), alone("ropewalk", "conn_bytes", 700), alone("std", "conn_bytes", 7000)}},
		},
		Notes: []string{"a note"}, Failures: []string{"x answers wrong"},
	}
	f.Conclude()
	return f
}

func made(t *testing.T, f, old *result.File) string {
	t.Helper()
	html, err := HTML(f, old)
	if err != nil {
		t.Fatal(err)
	}
	return string(html)
}

// TestPageIsWellFormed reads the page as XML, which it is, too: every element is closed and every attribute quoted.
func TestPageIsWellFormed(t *testing.T) {
	for _, old := range []*result.File{nil, sample()} {
		d := xml.NewDecoder(strings.NewReader(made(t, sample(), old)))
		elements := map[string]int{}
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := token.(xml.StartElement); ok {
				elements[s.Name.Local]++
			}
		}
		if elements["svg"] < 20 || elements["table"] < 7 || elements["script"] != 0 {
			t.Errorf("%v", elements)
		}
	}
}

// TestPageNeedsNothingElse looks for what a browser would load.
func TestPageNeedsNothingElse(t *testing.T) {
	page := made(t, sample(), nil)
	for _, text := range []string{"http://", "https://", "url(", "@import", "<script", "<link", "<img", "src=", "href="} {
		if strings.Contains(page, text) {
			t.Errorf("the page has %q", text)
		}
	}
	for _, text := range []string{"ZgotmplZ", "NaN", "Inf", "&lt;nil&gt;", "<machine>", "<JVM>", "<v2>"} {
		if strings.Contains(page, text) {
			t.Errorf("the page has %q", text)
		}
	}
}

// TestPlotsHaveAllRows wants a bar for every server that was measured in a cell, and none for others.
func TestPlotsHaveAllRows(t *testing.T) {
	f := sample()
	page := made(t, f, nil)
	plots := regexp.MustCompile(`(?s)<figure>.*?</figure>`).FindAllString(page, -1)
	if len(plots) != 1+len(f.Cells) { // one more for the percentiles
		t.Fatalf("%d plots of %d cells", len(plots), len(f.Cells))
	}
	i := 0
	for _, c := range f.Cells {
		n := 1
		if c.Workload == "open" {
			n = 2
		}
		for range n {
			for _, r := range c.Rows {
				name := fmt.Sprintf(`<span class="name">%s</span>`, r.Server)
				if got := strings.Count(plots[i], name); got != 1 && r.Missing == "" || got != 0 && r.Missing != "" {
					t.Errorf("plot %d of %s: %s is there %d times", i, c.ID(), r.Server, got)
				}
			}
			i++
		}
	}
	for _, want := range []string{`noisy: 4`, `class="floorline"`, ` cut`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestHeatMap compares the fields of the first cell: what they say and in which colour.
func TestHeatMap(t *testing.T) {
	h := newHeat(sample())
	got := map[string]string{}
	for i, f := range h.Groups[0].Rows[0].Fields {
		got[h.Servers[i].Name] = f.Text + " " + f.Class + " " + f.Floor + " " + f.FloorClass
	}
	want := map[string]string{"c": "0.91 l1 1.00 f0", "ropewalk": "1.00 own 1.10 f1", "ropewalk-std": "1.36 w2 1.50 f4", "gnet": "0.91 l1 1.00 f0", "std": "2.73 w4 3.00 f6"}
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s: %q, want %q", name, got[name], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	at := map[string]int{}
	for i, s := range h.Servers {
		at[s.Name] = i
	}
	noisy := h.Groups[0].Rows[1]
	if !noisy.Noisy || noisy.Fields[at["gnet"]].Class != "lv" {
		t.Errorf("2 %% in a cell with a noise of 45 %%: %+v", noisy)
	}
	if slow := h.Groups[2].Rows[0].Fields; slow[at["gnet"]].Class != "w4" || slow[at["gnet"]].Text != "200" || slow[at["c"]].Class != "lv" {
		t.Errorf("growth of 200 MiB, and of one: %+v", slow)
	}
}

func TestTilesAndLosses(t *testing.T) {
	v := newView(sample(), nil)
	if len(v.Losses) != 1 || v.Losses[0].Server != "gnet" || v.Losses[0].Cell != "frames 64/64/1" {
		t.Errorf("%+v", v.Losses)
	}
	said := ""
	for _, tile := range v.Tiles {
		said += tile.Figure + " " + tile.Of + "; "
	}
	if want := "2 of 5 cells; 2 of 5 cells; 1 of 5 cells; 1 of 2 goals; 1.10 x the floor in C; "; said != want {
		t.Errorf("%s\nwant %s", said, want)
	}
	if v.Goals[0].Verdict() != "LOST" {
		t.Errorf("what was lost comes first: %+v", v.Goals)
	}
}

// TestText compares with testdata; to write it anew, look at the difference and set UPDATE=1.
func TestText(t *testing.T) {
	old := sample()
	old.When = old.When.Add(-time.Hour)
	for i := range old.Cells[0].Rows[2].Rounds {
		old.Cells[0].Rows[2].Rounds[i]["cpu_ns"] *= 2
	}
	for name, write := range map[string]func(io.Writer, *result.File, *result.File){"text": Text, "markdown": Markdown} {
		var b bytes.Buffer
		write(&b, sample(), old)
		file := "testdata/" + name + ".golden"
		if os.Getenv("UPDATE") == "1" {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || b.String() != string(want) {
			t.Errorf("%s: %v\n%s", name, err, &b)
		}
	}
}

func TestNothingMeasured(t *testing.T) {
	f := &result.File{Schema: result.Schema, Goals: figures.Goals{}}
	if page := made(t, f, nil); !strings.Contains(page, "NOISE UNKNOWN") {
		t.Error("nothing tells that there is nothing to trust")
	}
	Text(io.Discard, f, f)
	Markdown(io.Discard, f, nil)
}
