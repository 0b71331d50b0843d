package main

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

// As perf script -F comm,ip,sym,dso prints it.
const script = `ropewalk 
	ffffffff81d33dff tcp_sendmsg ([kernel.kallsyms])
	ffffffff816b8aab do_syscall_64 ([kernel.kallsyms])
	          4f82ad internal/runtime/syscall.Syscall6 (/tmp/ropewalk)
	          4f82ae github.com/ropewalk/ropewalk/transport/uring.(*poller).Wait (/tmp/ropewalk)

ropewalk 
	          4f82ad github.com/ropewalk/ropewalk/codec.(*Stage[go.shape.*uint8 <&>]).Read (/tmp/ropewalk)
	          4f82ae github.com/ropewalk/ropewalk/transport/uring.(*poller).Wait (/tmp/ropewalk)

ropewalk 
	          4f82ad [unknown] (/tmp/ropewalk)
`

func TestParse(t *testing.T) {
	stacks := parse(script)
	if len(stacks) != 3 || len(stacks[0]) != 4 || len(stacks[1]) != 2 {
		t.Fatalf("stacks %v", stacks)
	}
	if f := stacks[0][3]; f.name != "tcp_sendmsg" || !f.kernel {
		t.Errorf("innermost %+v", f)
	}
	for i, want := range []string{"kernel: sending", "ropewalk: codec", "others"} {
		if got := layerOf(stacks[i]); got != want {
			t.Errorf("sample %d is of %q, want %q", i, got, want)
		}
	}
	var out strings.Builder
	printLayers(&out, stacks, 300)
	if want := "| kernel: sending | 33.3 % | 100 |"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, out.String())
	}
}

// The picture is well-formed, has a piece for every function, and its widths add up.
func TestDraw(t *testing.T) {
	picture := draw(grow(parse(script)), "a & b")
	d := xml.NewDecoder(strings.NewReader(picture))
	pieces := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "title" {
			pieces++
		}
	}
	if pieces != 7 { // all, Wait, three above it, codec above the same Wait, unknown
		t.Errorf("%d pieces, want 7", pieces)
	}
	if !strings.Contains(picture, `<title>transport/uring.(*poller).Wait: 66.7 %</title>`) {
		t.Error("two thirds were below Wait")
	}
}
