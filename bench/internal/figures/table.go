// Package figures holds what all benchmarks print and save: tables and medians.
package figures

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// A Table is a result as it is printed.
type Table struct {
	Title   string     `json:"title"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	Notes   []string   `json:"notes,omitempty"`
}

// Row adds a row.
func (t *Table) Row(cells ...string) { t.Rows = append(t.Rows, cells) }

// Note adds a line below the rows.
func (t *Table) Note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// Print writes the table to w: it aligns the first column left and the others right.
func (t *Table) Print(w io.Writer) {
	widths := make([]int, len(t.Columns))
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	fmt.Fprintf(w, "\n%s\n", t.Title)
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		var line strings.Builder
		for i, cell := range row {
			if i == 0 {
				fmt.Fprintf(&line, "  %-*s", widths[i], cell)
			} else {
				fmt.Fprintf(&line, "  %*s", widths[i], cell)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
	for _, n := range t.Notes {
		fmt.Fprintf(w, "  ! %s\n", n)
	}
}

// Save writes a result as JSON.
func Save(name string, result any) error {
	data, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(data, '\n'), 0o644)
}

// Markdown writes the table to w as one of GitHub's.
func (t *Table) Markdown(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n\n", t.Title)
	line := func(cells []string) {
		for _, cell := range cells {
			fmt.Fprintf(w, "| %s ", strings.ReplaceAll(cell, "|", `\|`))
		}
		fmt.Fprintln(w, "|")
	}
	line(t.Columns)
	rule := make([]string, len(t.Columns))
	for i := range rule {
		rule[i] = "--:"
	}
	if len(rule) > 0 {
		rule[0] = "---"
	}
	line(rule)
	for _, row := range t.Rows {
		line(row)
	}
	for i, n := range t.Notes {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s\n", n)
	}
}
