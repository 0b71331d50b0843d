// Package page shows a result of the bench: as text, as Markdown, and as one page of HTML that needs nothing else.
//
//	                 ┌─► Text, Markdown: an overview, a table for each cell, the goals
//	result.File ── views
//	                 └─► HTML: what was won and lost, a heat map of cells and servers, bars for each cell, the tables
//
// The page has its style in it, loads nothing and runs no script. Plots are inline SVG whose coordinates are per cent of the
// room there is, so they are as wide as the screen. Losses look like wins, in another colour.
package page
