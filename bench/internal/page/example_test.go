package page_test

import (
	"bytes"
	"fmt"

	"github.com/ropewalk/ropewalk/bench/internal/page"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// The page is one file, whatever is in the result.
func ExampleHTML() {
	html, err := page.HTML(&result.File{Schema: result.Schema, Machine: "a machine"}, nil)
	fmt.Println(err, bytes.Contains(html, []byte("a machine")), bytes.Contains(html, []byte("src=")))
	// Output: <nil> true false
}
