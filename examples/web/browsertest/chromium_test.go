package browsertest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// A chromium is a running browser.
type chromium struct {
	t      testing.TB
	to     *os.File
	stderr bytes.Buffer

	mu    sync.Mutex
	last  int                   // number of the last call
	calls map[int]chan<- answer // that wait for their answers
	tabs  map[string]*tab       // by session
	ended error                 // why there will be no more answers
}

// answer is what the browser says: the answer to a call, or an event.
type answer struct {
	ID      int             `json:"id"`
	Session string          `json:"sessionId"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// startChromium starts a browser that ends with the test.
func startChromium(t testing.TB) *chromium {
	t.Helper()
	path, err := findChromium()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "ropewalk-browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) }) // as far as it goes: helpers of the browser may still be writing
	theirs, to := pipe(t)
	from, theirsOut := pipe(t)
	c := &chromium{t: t, to: to, calls: make(map[int]chan<- answer), tabs: make(map[string]*tab)}
	cmd := exec.Command(path, "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--force-color-profile=srgb", "--font-render-hinting=none", "--mute-audio", "--user-data-dir="+profile)
	cmd.ExtraFiles = []*os.File{theirs, theirsOut} // descriptors 3 and 4
	cmd.Stderr = &c.stderr
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	theirsOut.Close()
	reading := make(chan struct{})
	go func() {
		defer close(reading)
		c.receive(from)
	}()
	t.Cleanup(func() {
		err := c.call("", "Browser.close", nil, nil)
		end := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		defer end.Stop()
		to.Close()
		if err := errors.Join(err, cmd.Wait()); err != nil {
			t.Errorf("browser: %v\n%s", err, c.stderr.String())
		}
		from.Close()
		<-reading
	})
	return c
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium is installed: on Debian, apt-get install chromium")
}

func pipe(t testing.TB) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// receive reads what the browser says, until it ends.
func (c *chromium) receive(from io.Reader) {
	in := bufio.NewReaderSize(from, 1<<20)
	for {
		text, err := in.ReadBytes(0)
		var a answer
		if err == nil {
			err = json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &a)
		}
		c.mu.Lock()
		switch {
		case err != nil:
			c.ended = err
			for id, ch := range c.calls {
				close(ch)
				delete(c.calls, id)
			}
		case a.ID != 0:
			if ch := c.calls[a.ID]; ch != nil {
				ch <- a
				delete(c.calls, a.ID)
			}
		default:
			if t := c.tabs[a.Session]; t != nil {
				t.event(a.Method, a.Params)
			}
		}
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// call calls a method of the protocol, and waits for its result.
func (c *chromium) call(session, method string, params, result any) error {
	ch := make(chan answer, 1)
	c.mu.Lock()
	c.last++
	id := c.last
	text, err := json.Marshal(struct {
		ID      int    `json:"id"`
		Session string `json:"sessionId,omitempty"`
		Method  string `json:"method"`
		Params  any    `json:"params,omitempty"`
	}{id, session, method, params})
	if err == nil {
		err = c.ended
	}
	if err == nil {
		c.calls[id] = ch
		_, err = c.to.Write(append(text, 0))
	}
	c.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case a, ok := <-ch:
		switch {
		case !ok:
			return fmt.Errorf("%s: the browser has ended", method)
		case a.Error != nil:
			return fmt.Errorf("%s: %s", method, a.Error.Message)
		case result != nil:
			return json.Unmarshal(a.Result, result)
		}
		return nil
	case <-timer.C:
		return fmt.Errorf("%s: no answer within %v", method, patience)
	}
}
