package browsertest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A look is how a page is looked at.
type look struct {
	name          string
	width, height int
	phone, dark   bool
}

// A tab shows a page.
type tab struct {
	t       testing.TB
	c       *chromium
	session string
	look    look

	mu       sync.Mutex
	problems []string // what the console shows as errors and warnings
}

// open opens a page in a tab of its own.
func (c *chromium) open(t testing.TB, l look, url string) *tab {
	t.Helper()
	b := &tab{t: t, c: c, look: l}
	var target struct{ TargetID string }
	var attached struct{ SessionID string }
	b.must(c.call("", "Target.createTarget", map[string]any{"url": "about:blank", "newWindow": true}, &target))
	b.must(c.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached))
	b.session = attached.SessionID
	c.mu.Lock()
	c.tabs[b.session] = b
	c.mu.Unlock()
	t.Cleanup(func() { b.must(c.call("", "Target.closeTarget", map[string]any{"targetId": target.TargetID}, nil)) })

	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	scale := 1
	if l.phone {
		scale = 2
	}
	for _, method := range []string{"Page.enable", "Runtime.enable", "Log.enable", "Network.enable"} {
		b.call(method, nil, nil)
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": l.width, "height": l.height, "deviceScaleFactor": scale, "mobile": l.phone}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.call("Page.navigate", map[string]any{"url": url}, nil)
	return b
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) call(method string, params, result any) {
	b.t.Helper()
	b.must(b.c.call(b.session, method, params, result))
}

// event notes what goes wrong in the page.
func (b *tab) event(method string, params json.RawMessage) {
	switch method {
	case "Runtime.exceptionThrown":
	case "Runtime.consoleAPICalled", "Log.entryAdded":
		var e struct {
			Type  string
			Entry struct{ Level string }
		}
		if json.Unmarshal(params, &e) == nil {
			level := e.Type + e.Entry.Level
			if level != "error" && level != "warning" && level != "assert" {
				return
			}
		}
	default:
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, string(params))
}

// clean fails the test if something went wrong in the page so far: an exception, an error in the console, a violation of its policy.
func (b *tab) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Errorf("the console says: %s", p)
	}
	b.problems = nil
}

// forget forgives what went wrong so far.
func (b *tab) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = nil
}

// eval returns what an expression of JavaScript, or the promise that it makes, comes to.
func eval[T any](b *tab, expression string) (value T) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true}, &r)
	if e := r.ExceptionDetails; e != nil {
		b.t.Fatalf("%s: %s %s", expression, e.Text, e.Exception.Description)
	}
	if len(r.Result.Value) > 0 {
		if err := json.Unmarshal(r.Result.Value, &value); err != nil {
			b.t.Fatalf("%s: %v", expression, err)
		}
	}
	return value
}

// do runs JavaScript.
func (b *tab) do(statement string) {
	b.t.Helper()
	eval[any](b, "void ("+statement+")")
}

// until waits until a condition in the page holds.
func (b *tab) until(condition string) {
	b.t.Helper()
	ok := eval[bool](b, fmt.Sprintf(`new Promise(done => {
		const begin = Date.now();
		const look = () => {
			try { if (%s) return done(true); } catch {} // the page may not be there yet
			Date.now() - begin > %d ? done(false) : setTimeout(look, 20);
		};
		look();
	})`, condition, (patience*4/5).Milliseconds()))
	if !ok {
		b.picture("failure-" + strings.ReplaceAll(b.t.Name(), "/", "-"))
		b.t.Fatalf("waited in vain for: %s\nthe page says: %s", condition, eval[string](b, "document.body?.innerText ?? ''"))
	}
}

// keys are the codes of the keys that tests press.
var keys = map[string]int{"Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39}

// press presses a key.
func (b *tab) press(name string) {
	b.t.Helper()
	key := map[string]any{"key": name, "code": name, "windowsVirtualKeyCode": keys[name], "type": "keyDown"}
	if name == "Enter" {
		key["text"] = "\r"
	}
	b.call("Input.dispatchKeyEvent", key, nil)
	key["type"] = "keyUp"
	delete(key, "text")
	b.call("Input.dispatchKeyEvent", key, nil)
}

// write types a text into the field that has the focus.
func (b *tab) write(text string) {
	b.t.Helper()
	b.call("Input.insertText", map[string]any{"text": text}, nil)
}

// picture takes a picture of what the tab shows and returns it. If it has a name it is saved as .ci/out/NAME.png.
func (b *tab) picture(name string) picture {
	b.t.Helper()
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	b.must(err)
	if name != "" {
		dir := filepath.Join(root, ".ci", "out")
		b.must(os.MkdirAll(dir, 0o777))
		b.must(os.WriteFile(filepath.Join(dir, name+".png"), data, 0o666))
	}
	return decode(b.t, data)
}

// fits fails the test if the page can be scrolled sideways, or something sticks out of it.
func (b *tab) fits() {
	b.t.Helper()
	if wide := eval[string](b, `(() => {
		const page = document.documentElement, width = page.clientWidth;
		const out = [...document.querySelectorAll("body *")].filter(e => {
			const r = e.getBoundingClientRect();
			return r.width && (r.right > width + 1 || r.left < -1);
		}).map(e => e.tagName + "." + (e.className.baseVal ?? e.className) + " " + e.textContent.trim().slice(0, 20));
		return page.scrollWidth > width ? "it is " + page.scrollWidth + " wide; " + out : out.join("; ");
	})()`); wide != "" {
		b.t.Errorf("the page does not fit: %s", wide)
	}
}
