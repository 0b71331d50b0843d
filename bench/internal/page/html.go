package page

import (
	"bytes"
	_ "embed"
	"html/template"

	"github.com/ropewalk/ropewalk/bench/internal/result"
)

//go:embed page.tmpl
var text string

//go:embed style.css
var style string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"style": func() template.CSS { return template.CSS(style) },
	"add":   func(a, b float64) float64 { return a + b },
	"plus":  func(a, b int) int { return a + b },
	"ratio": ratio,
	"took":  took,
}).Parse(text))

// HTML makes the page. old may be nil.
func HTML(f, old *result.File) ([]byte, error) {
	var b bytes.Buffer
	if err := page.Execute(&b, newView(f, old)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
