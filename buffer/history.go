package buffer

import (
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"time"
)

// A History is what is known of a watched handle.
type History struct {
	At      time.Time // when it was made
	Made    Stack     // where
	Notes   []Note    // of Touch
	Dropped int       // notes that were not kept, after the first
	End     string    // "released", or where it was passed on to; empty while somebody owns it
	Ended   Stack     // where that was
}

// A Note is one call of Touch.
type Note struct {
	Text  string
	Where Stack
}

// A Stack is a call stack, innermost call first: program counters, as runtime.Callers returns them.
type Stack []uintptr

// String returns two lines for each call, as panics print them. The calls inside this package, which everybody knows, and
// inside the pipeline that called it, are left out.
func (s Stack) String() string {
	var text strings.Builder
	frames := runtime.CallersFrames(s)
	for inside := true; ; {
		f, more := frames.Next()
		inside = inside && isOwn(f)
		if f.PC != 0 && !inside && f.Function != "runtime.goexit" {
			fmt.Fprintf(&text, "%s\n\t%s:%d\n", f.Function, f.File, f.Line)
		}
		if !more {
			return text.String()
		}
	}
}

// isOwn tells whether a call is one inside this package, or between the stages of a pipeline: what a pipeline notes has been
// done by the stage that called it.
func isOwn(f runtime.Frame) bool {
	const module = "github.com/ropewalk/ropewalk/"
	return (strings.HasPrefix(f.Function, module+"buffer.") || strings.HasPrefix(f.Function, module+"pipeline.")) &&
		!strings.HasSuffix(f.File, "_test.go")
}

// short returns the innermost call only, on one line.
func (s Stack) short() string {
	lines := strings.SplitN(s.String(), "\n", 3)
	if len(lines) < 3 {
		return "unknown"
	}
	return strings.TrimSpace(lines[1]) + " in " + lines[0]
}

// String tells the history in several lines, beginning with where the handle was made.
func (h History) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "made by\n%s", indent(h.Made.String()))
	for i, n := range h.Notes {
		fmt.Fprintf(&text, "then: %s, at %s\n", n.Text, n.Where.short())
		if i == 0 && h.Dropped > 0 {
			fmt.Fprintf(&text, "... %d more notes ...\n", h.Dropped)
		}
	}
	if h.End != "" {
		fmt.Fprintf(&text, "%s by\n%s", h.End, indent(h.Ended.String()))
	}
	return text.String()
}

func indent(lines string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(lines, "\n"), "\n", "\n    ") + "\n"
}

// A Leak is a watched handle that was lost: nobody can release it any more.
type Leak struct {
	Pool    *Pool
	History History
}

func (l Leak) String() string {
	return fmt.Sprintf("buffer: a Buf was lost: it was neither released nor passed on, and %v after it was made nothing refers to it\n%s",
		time.Since(l.History.At).Round(time.Millisecond), l.History)
}

func (p *Pool) reportLeak(h History) {
	l := Leak{Pool: p, History: h}
	if p.OnLeak != nil {
		p.OnLeak(l)
		return
	}
	slog.Error("buffer leak", "sample", p.sample, "report", l.String())
}
