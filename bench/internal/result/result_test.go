package result

import (
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
)

// rounds makes a row out of the CPU of its rounds; 0 is a round that was dropped.
func rounds(server string, cpu ...float64) Row {
	r := Row{Server: server}
	for _, v := range cpu {
		if v == 0 {
			r.Rounds = append(r.Rounds, nil)
			continue
		}
		r.Rounds = append(r.Rounds, Figures{"cpu_ns": v, "rate": 1e9 / v, "user_ticks": 1, "sys_ticks": 3})
	}
	return r
}

func file(cells ...Cell) *File {
	f := &File{
		Schema: Schema, When: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), Machine: "one", Options: Options{NoiseLimit: 0.15},
		Workloads: []Workload{{Name: "frames", Compared: []string{"cpu_ns"}}, {Name: "idle", Compared: []string{"conn_bytes"}}},
		Cells:     cells,
	}
	for name, group := range map[string]string{"c": Floor, "c again": Floor, "ropewalk": Ours, "ropewalk again": Ours, "std": Go, "gnet": Go, "netty": Java, "nginx": C} {
		f.Servers = append(f.Servers, Server{Name: name, Group: group})
	}
	return f
}

func frames(name string, rows ...Row) Cell { return Cell{Workload: "frames", Name: name, Rows: rows} }

func TestRatioIsTakenWithinARound(t *testing.T) {
	c := frames("x", rounds("c", 100, 200, 0, 400), rounds("std", 110, 220, 900, 0), Row{Server: "gnet", Missing: "no"})
	if s := c.Ratio("std", "c", "cpu_ns"); s.Rounds != 2 || math.Abs(s.Median-1.1) > 1e-9 {
		t.Errorf("%+v", s)
	}
	rate, _ := MetricOf("rate")
	if got := c.Cost("std", "c", rate); math.Abs(got-1.1) > 1e-9 {
		t.Errorf("a rate that is lower costs %v", got)
	}
	for _, name := range []string{"gnet", "nobody"} {
		if s := c.Ratio(name, "c", "cpu_ns"); s.Rounds != 0 || !math.IsNaN(s.Median) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if v := c.Row("std").Value("user_ns"); math.Abs(v-220.0/4) > 1e-9 {
		t.Errorf("user %v, a quarter of the median 220", v)
	}
	if v := c.Row("std").Value("p99_us"); !math.IsNaN(v) {
		t.Errorf("what was not measured is %v", v)
	}
}

func TestNoiseIsThatOfTheWorseTwin(t *testing.T) {
	c := frames("x", rounds("c", 100, 100, 100), rounds("c again", 104, 104, 104), rounds("ropewalk", 100, 100, 100), rounds("ropewalk again", 80, 80, 80))
	if n := c.Noise("cpu_ns"); math.Abs(n-0.2) > 1e-9 {
		t.Errorf("%v", n)
	}
	if n := c.Noise("p99_us"); !math.IsNaN(n) {
		t.Errorf("noise of what was not measured: %v", n)
	}
	quiet := frames("y", rounds("c", 100), rounds("c again", 104))
	f := file(c, quiet, Cell{Workload: "idle", Name: "15000", Rows: []Row{{Server: "c", Rounds: []Figures{{"conn_bytes": 1}}}}})
	if noisy, all := f.NoisyCells(); noisy != 1 || all != 2 {
		t.Errorf("%d of %d", noisy, all)
	}
}

func TestBestPeer(t *testing.T) {
	f := file(frames("x", rounds("c", 1, 1, 1), rounds("ropewalk", 100, 100, 100), rounds("std", 120, 120, 120), rounds("gnet", 90, 0, 0),
		rounds("netty", 110, 0, 110), rounds("nginx", 10, 10, 10)))
	if got := f.BestPeer(&f.Cells[0], "cpu_ns"); got != "netty" {
		t.Errorf("%s; gnet was measured once of three times, and nginx is no peer", got)
	}
	if got := f.BestPeer(&f.Cells[0], "p99_us"); got != "" {
		t.Errorf("%s, although nobody was measured", got)
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		ratio, noise float64
		want         Verdict
	}{
		{1.02, 0, Level}, {1.04, 0, Worse}, {0.9, 0, Better}, {0.98, math.NaN(), Level}, {1.2, 0.25, Level}, {0.82, 0.25, Level},
		{0.7, 0.25, Better}, {math.NaN(), 0, Unproved},
	} {
		if got := Judge(c.ratio, c.noise); got != c.want {
			t.Errorf("%v with a noise of %v: %s, want %s", c.ratio, c.noise, got, c.want)
		}
	}
}

func TestGoals(t *testing.T) {
	twins := []Row{rounds("c", 100, 100), rounds("c again", 101, 101), rounds("ropewalk", 120, 120)}
	noisy := []Row{rounds("c", 100, 100), rounds("c again", 140, 140), rounds("ropewalk", 120, 120)}
	f := file(
		frames("won", append(twins, rounds("std", 200, 200), rounds("netty", 150, 150))...),
		frames("lost", append(twins, rounds("std", 100, 100), rounds("nginx", 10, 10))...),
		frames("doubt", append(noisy, rounds("std", 100, 100))...),
		frames("sure", append(noisy, rounds("std", 50, 50))...),
		frames("alone", twins...),
		frames("nothing", rounds("c", 100), Row{Server: "ropewalk", Missing: "no"}),
	)
	f.Conclude()
	want := []string{
		"frames won: CPU / netty|met", "frames won: CPU / floor|met", "frames lost: CPU / std|LOST", "frames lost: CPU / floor|met",
		"frames doubt: CPU / std|not measured", "frames doubt: CPU / floor|not measured",
		"frames sure: CPU / std|LOST", "frames sure: CPU / floor|not measured",
		"frames alone: CPU / best peer|not measured: no peer", "frames alone: CPU / floor|met",
		"frames nothing: CPU / best peer|not measured: ropewalk", "frames nothing: CPU / floor|not measured",
	}
	if len(f.Goals) != len(want) {
		t.Fatalf("%d goals, want %d: %+v", len(f.Goals), len(want), f.Goals)
	}
	for i, w := range want {
		what, verdict, _ := strings.Cut(w, "|")
		if g := f.Goals[i]; !strings.HasPrefix(g.What, what) || !strings.HasPrefix(g.Verdict(), verdict) {
			t.Errorf("%q: %s, want %s", g.What, g.Verdict(), w)
		}
	}
}

func TestSaveAndLoad(t *testing.T) {
	f := file(frames("x", rounds("c", 100, 0, 120), Row{Server: "netty", Missing: "no JVM"}))
	f.Cells[0].Rows[0].Once = Figures{"calls": 0.5}
	f.Goals = figures.Goals{{What: "a", Want: 1, Got: 2}}
	f.Failures = []string{"b"}
	name := filepath.Join(t.TempDir(), "result.json")
	if err := f.Save(name); err != nil {
		t.Fatal(err)
	}
	got, err := Load(name)
	if err != nil || !reflect.DeepEqual(got, f) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, f)
	}
	if r := got.Cells[0].Rows[0]; r.Rounds[1] != nil || r.Value("calls") != 0.5 {
		t.Errorf("a dropped round, and what was counted once: %+v", r)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for want, spoil := range map[string]func(*File){
		"schema 7":           func(f *File) { f.Schema = 7 },
		`workload "chess"`:   func(f *File) { f.Cells[0].Workload = "chess" },
		`server "nobody"`:    func(f *File) { f.Cells[0].Rows[0].Server = "nobody" },
		"there twice":        func(f *File) { f.Cells = append(f.Cells, f.Cells[0]) },
		`no metric "cpu_ms"`: func(f *File) { f.Cells[0].Rows[0].Rounds[0]["cpu_ms"] = 1 },
		`no metric "once"`:   func(f *File) { f.Cells[0].Rows[0].Once = Figures{"once": 1} },
	} {
		f := file(frames("x", rounds("c", 100)))
		spoil(f)
		name := filepath.Join(t.TempDir(), "result.json")
		if err := f.Save(name); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(name); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

func TestFormat(t *testing.T) {
	m := Metric{}
	for v, want := range map[float64]string{1234.5: "1234", 12.34: "12.3", 1.234: "1.23", 0: "0.00", 0.1234: "0.123", 1e-9: "0.000", -25: "-25.0"} {
		if got := m.Format(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	if got := m.Format(math.NaN()); got != "-" {
		t.Error(got)
	}
}

func TestSummary(t *testing.T) {
	f := file(frames("x", rounds("c", 100), rounds("c again", 150), rounds("ropewalk", 120), rounds("std", 240)))
	want := "ropewalk: CPU ns 120, 1.20 of the floor, 0.50 of std, the best peer (NOISY: 50 %)"
	if got := f.Summary(&f.Cells[0]); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
