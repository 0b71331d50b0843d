package browsertest

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
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
			for _, series := range []string{"requests", "calls", "sendfile", "writev"} {
				b.until(number(series) + " > 0")
			}
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
	b.do(`document.querySelector("summary").click()`)
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
	ask := func(resp *http.Response, err error) bool {
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
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			body := strings.NewReader(strings.Repeat("rope ", 1000))
			if !ask(http.Get(url+"/large")) || !ask(http.Post(url+"/echo", "text/plain", body)) {
				return
			}
		}
	}()
}
