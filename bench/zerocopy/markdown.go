package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// printMarkdown writes a report for a page of documentation.
func printMarkdown(w io.Writer, r *harness.Report) {
	fmt.Fprintf(w, "%s, %s, loopback, server on CPU %d, load on CPU %d\n",
		r.When.Format(time.RFC3339), r.Machine, harness.ServerCPU, harness.LoadCPU)
	tables := r.Tables
	if len(r.Goals) > 0 {
		tables = append(tables[:len(tables):len(tables)], r.Goals.Table())
	}
	for _, t := range tables {
		fmt.Fprintf(w, "\n### %s\n\n", t.Title)
		markdownRow(w, t.Columns)
		rule := make([]string, len(t.Columns))
		for i := range rule {
			rule[i] = "---:"
		}
		rule[0] = "---"
		markdownRow(w, rule)
		for _, row := range t.Rows {
			markdownRow(w, row)
		}
		if len(t.Notes) > 0 {
			fmt.Fprintln(w)
		}
		for _, n := range t.Notes {
			fmt.Fprintf(w, "- %s\n", n)
		}
	}
	for _, f := range r.Failures {
		fmt.Fprintf(w, "\n**FAILED**: %s\n", f)
	}
}

func markdownRow(w io.Writer, cells []string) {
	fmt.Fprint(w, "|")
	for _, cell := range cells {
		fmt.Fprintf(w, " %s |", strings.ReplaceAll(cell, "|", `\|`))
	}
	fmt.Fprintln(w)
}
