package browsertest

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// looks are how the pages are looked at.
var looks = []look{
	{"desktop-light", 1280, 800, false, false},
	{"desktop-dark", 1280, 800, false, true},
	{"phone-light", 360, 740, true, false},
	{"phone-dark", 360, 740, true, true},
}

// The page at /live shows what the server does, fits on every screen, and breaks no rule of its own policy.
func TestLive(t *testing.T) {
	s := start(t, "web", "-addr", "127.0.0.1:0", "-root", folder(t), "-loops", "2")
	url := "http://" + s.addr
	c := startChromium(t)
	work(t, url)
	for _, l := range looks {
		t.Run(l.name, func(t *testing.T) {
			b := c.open(t, l, url+"/live")
			b.until(`document.documentElement.dataset.state === "live" && document.documentElement.dataset.samples > 3`)
			for _, series := range []string{"conns", "requests", "calls", "lag", "sendfile", "writev", "copied"} {
				b.until(number(series) + " > 0")
			}
			b.until(`["live", "cached", "free"].every(part => parseFloat(document.querySelector("[data-part=" + part + "] b").textContent) >= 0)`)
			shows := eval[string](b, `document.querySelector("main").innerText`)
			b.until(fmt.Sprintf(`document.querySelector("main").innerText !== %q`, shows))

			p := b.picture("live-" + l.name)
			if bright := p.brightness(); l.dark == (bright > 0.5) {
				t.Errorf("the ground has a brightness of %.2f", bright)
			}
			b.fits()
			// Each chart is scrolled to, and has something on it.
			for i, name := range eval[[]string](b, `[...document.querySelectorAll("svg[role=img]")].map(s => s.getAttribute("aria-label"))`) {
				at := eval[box](b, fmt.Sprintf(`(() => {
					const chart = document.querySelectorAll("svg[role=img]")[%d];
					chart.scrollIntoView({block: "center", behavior: "instant"});
					const r = chart.getBoundingClientRect();
					return {X: r.x, Y: r.y, Width: r.width, Height: r.height};
				})()`, i))
				scale := 1.0
				if l.phone {
					scale = 2
				}
				part := b.picture("").drawn(at, scale)
				if part < 0.005 || part > 0.9 {
					t.Errorf("chart %d, %q: %.2f%% of it are drawn on", i, name, 100*part)
				}
				if name == "" {
					t.Errorf("chart %d says nothing to those who cannot see it", i)
				}
			}
			b.picture("live-" + l.name + "-end")
			b.clean()
		})
	}
}

// What the page shows is what has happened, on each engine: requests, bytes and connections are counted here, too.
func TestLiveCounts(t *testing.T) {
	for _, engine := range []string{"epoll", "gnet", "std", "uring"} {
		t.Run(engine, func(t *testing.T) {
			s := start(t, "web", "-addr", "127.0.0.1:0", "-root", folder(t), "-engine", engine)
			url := "http://" + s.addr
			b := startChromium(t).open(t, looks[0], url+"/live")
			b.until(`document.documentElement.dataset.samples > 1`)
			const requests, idle = 300, 20
			one := &http.Client{Transport: new(http.Transport)}
			for range requests {
				if !answered(t)(one.Get(url + "/large")) {
					return
				}
			}
			for range idle {
				conn, err := net.Dial("tcp", s.addr)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
			}
			one.CloseIdleConnections()
			// The browser has some, too.
			for shown, want := 0, -1; shown != want; {
				b.until(fmt.Sprintf("samples.at(-1).conns > %d && samples.at(-1).conns !== %d", idle, shown))
				shown, want = eval[int](b, "samples.at(-1).conns"), established(t, s.addr)
			}
			// Samples are rates, and their times are rounded to milliseconds.
			total := func(rate string) string {
				return `samples.reduce((sum, s, i) => sum + (` + rate + `) * (i ? s.at - samples[i-1].at : 1000) / 1000, 0)`
			}
			b.until(fmt.Sprintf("Math.abs(%s - %d) < 2", total("s.requests"), requests+2)) // those of the page are two
			b.until(fmt.Sprintf("Math.abs(%s / %d - 1) < 0.01", total("s.sendfile"), requests<<20))
			// At least statx and sendfile. The system may take the file in several parts.
			calls := eval[float64](b, total("s.requests * (s.calls ?? 0)")) / requests
			if calls < 2 || calls > 100 {
				t.Errorf("%.2f system calls a request", calls)
			}
			b.clean()
		})
	}
}

// Pointing at a chart shows what it was then; the memory of the pool is also there as a table.
func TestLivePointing(t *testing.T) {
	s := start(t, "web", "-addr", "127.0.0.1:0", "-root", folder(t))
	b := startChromium(t).open(t, looks[0], "http://"+s.addr+"/live")
	b.until(`document.documentElement.dataset.samples > 2`)
	at := eval[box](b, `(() => {
		const r = document.querySelector("[data-series=bytes] svg").getBoundingClientRect();
		return {X: r.right - r.width / 29, Y: r.y + r.height / 2};
	})()`)
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": at.X, "y": at.Y}, nil)
	b.until(`/^[1-9] s ago$/.test(document.querySelector(".to").textContent)`)
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": 1, "y": 1}, nil)
	b.until(`document.querySelector(".to").textContent === "now"`)

	// So do the arrow keys.
	b.press("Tab")
	b.until(`document.activeElement === document.querySelector("[data-series=conns] svg")`)
	b.press("ArrowLeft")
	b.press("ArrowLeft")
	b.until(`document.querySelector("[data-series=conns] .note").textContent === "2 s ago" &&
		document.activeElement.getAttribute("aria-label").includes(": 2 s ago ")`)
	b.picture("live-keys")
	b.press("ArrowRight")
	b.until(`document.querySelector("[data-series=conns] .note").textContent === "1 s ago"`)
	for range 5 {
		b.press("Tab")
	}
	b.until(`document.activeElement === document.querySelector("summary") && document.querySelector(".to").textContent === "now"`)
	b.press("Enter")
	b.until(`document.querySelectorAll("tbody tr").length > 0 && document.querySelector("tbody td").checkVisibility()`)
	b.fits()
	b.clean()
}

// When the server goes the page says so, and when it is there again so is the page.
func TestLiveRestart(t *testing.T) {
	dir := folder(t)
	s := start(t, "web", "-addr", "127.0.0.1:0", "-root", dir)
	b := startChromium(t).open(t, looks[2], "http://"+s.addr+"/live")
	b.until(`document.documentElement.dataset.state === "live"`)
	b.clean()
	s.stop()
	b.until(`document.documentElement.dataset.state === "lost" && document.querySelector("#status").textContent.startsWith("Disconnected")`)
	b.picture("live-lost")
	before := eval[float64](b, `last.started`)
	start(t, "web", "-addr", s.addr, "-root", dir)
	b.until(fmt.Sprintf(`document.documentElement.dataset.state === "live" && last.started > %f && samples.length < 10`, before))
	b.forget() // of the connections that were refused meanwhile
}

// The page sends a policy, and the folder is listed.
func TestLiveHeaders(t *testing.T) {
	s := start(t, "web", "-addr", "127.0.0.1:0", "-root", folder(t))
	resp, err := http.Get("http://" + s.addr + "/live")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	policy := resp.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	b := startChromium(t).open(t, looks[2], "http://"+s.addr+"/")
	b.until(`document.body.innerText.includes("large")`)
	b.picture("web-list")
}

// number is what the page shows of a series, as an expression.
func number(series string) string {
	return fmt.Sprintf(`parseFloat(document.querySelector("[data-series=%s] :is(.value, b)").textContent.replaceAll(",", ""))`, series)
}

// folder returns a directory with a file in it.
func folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	large := make([]byte, 1<<20)
	rand.Read(large)
	if err := os.WriteFile(filepath.Join(dir, "large"), large, 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// work makes requests, one after the other, until the test ends.
func work(t testing.TB, url string) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() {
		close(stop)
		<-stopped
	})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			body := strings.NewReader(strings.Repeat("rope ", 1000))
			if !answered(t)(http.Get(url+"/large")) || !answered(t)(http.Post(url+"/echo", "text/plain", body)) {
				return
			}
		}
	}()
}

// established returns how many connections the system has whose near end is an address.
func established(t testing.TB, addr string) (n int) {
	t.Helper()
	local := netip.MustParseAddrPort(addr)
	ip := local.Addr().As4()
	prefix := fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(ip[:]), local.Port())
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) { // its number, the near end, the far end, the state
		if f := strings.Fields(line); len(f) > 3 && f[1] == prefix && f[3] == "01" {
			n++
		}
	}
	return n
}

// answered returns a function that reads an answer, and tells whether all of it came.
func answered(t testing.TB) func(*http.Response, error) bool {
	return func(resp *http.Response, err error) bool {
		if err != nil {
			t.Error(err)
			return false
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 {
			t.Errorf("%s: %s, %v", resp.Request.URL, resp.Status, err)
			return false
		}
		return true
	}
}
