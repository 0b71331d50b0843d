package main

import (
	"fmt"
	"html"
	"sort"
	"strings"
)

const (
	wide  = 1200 // of the picture, in its own units
	high  = 16   // of a row
	above = 44   // title and legend
	least = 0.6  // what is narrower is not drawn
)

// Colours of the legend, readable under black text.
var colours = []struct{ kind, colour string }{
	{"kernel", "#f2a65a"}, {"ropewalk", "#6fb7e0"}, {"Go runtime", "#b9b9c6"}, {"others", "#a7d28d"},
}

func colourOf(f frame) string {
	switch {
	case f.kernel:
		return colours[0].colour
	case strings.HasPrefix(f.name, module):
		return colours[1].colour
	case strings.HasPrefix(f.name, "runtime."):
		return colours[2].colour
	}
	return colours[3].colour
}

// draw returns the tree as SVG, which needs nothing else to be shown.
func draw(root *node, title string) string {
	rows := depth(root)
	height := above + high*rows + 8
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui,sans-serif" font-size="10">`+"\n", wide, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", wide, height)
	fmt.Fprintf(&b, `<text x="6" y="16" font-size="13">%s</text>`+"\n", html.EscapeString(title))
	x := 6
	for _, c := range colours {
		fmt.Fprintf(&b, `<rect x="%d" y="24" width="10" height="10" fill="%s"/><text x="%d" y="33">%s</text>`+"\n", x, c.colour, x+14, c.kind)
		x += 90
	}
	piece(&b, root, 0, 0, float64(wide)/float64(root.samples), rows, root.samples)
	b.WriteString("</svg>\n")
	return b.String()
}

func depth(n *node) int {
	most := 0
	for _, c := range n.children {
		most = max(most, depth(c))
	}
	return most + 1
}

// piece draws a function and what it has called, upwards.
func piece(b *strings.Builder, n *node, x float64, row int, unit float64, rows, all int) {
	w := float64(n.samples) * unit
	if w < least {
		return
	}
	name := strings.TrimPrefix(n.name, module)
	y := above + high*(rows-1-row)
	fmt.Fprintf(b, `<g><title>%s: %.1f %%</title><rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s" stroke="#fff" stroke-width=".4"/>`,
		html.EscapeString(name), 100*float64(n.samples)/float64(all), x, y, w, high-1, colourOf(n.frame))
	if fits := int(w / 5.6); fits > 2 {
		if len(name) > fits {
			name = name[:fits-1] + "…"
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%d">%s</text>`, x+2, y+high-5, html.EscapeString(name))
	}
	b.WriteString("</g>\n")
	children := append([]*node(nil), n.children...)
	sort.Slice(children, func(i, j int) bool { return children[i].name < children[j].name })
	for _, c := range children {
		piece(b, c, x, row+1, unit, rows, all)
		x += float64(c.samples) * unit
	}
}
