package main

import (
	"bufio"
	"strings"
)

// A frame is a function in a stack, and whether it is the kernel's.
type frame struct {
	name   string
	kernel bool
}

// parse reads what perf script has printed: for each sample a line, then its functions, the innermost first, then an empty line. It
// returns the stacks with the outermost function first.
func parse(text string) (stacks [][]frame) {
	var stack []frame
	end := func() {
		if len(stack) > 0 {
			for i, j := 0, len(stack)-1; i < j; i, j = i+1, j-1 {
				stack[i], stack[j] = stack[j], stack[i]
			}
			stacks = append(stacks, stack)
			stack = nil
		}
	}
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, " ") {
			end()
			continue
		}
		if f, ok := parseFrame(line); ok {
			stack = append(stack, f)
		}
	}
	end()
	return stacks
}

// parseFrame reads "  address function (object)"; functions of Go may have spaces.
func parseFrame(line string) (frame, bool) {
	line = strings.TrimSpace(line)
	_, rest, ok := strings.Cut(line, " ")
	if !ok {
		return frame{}, false
	}
	at := strings.LastIndex(rest, " (")
	if at < 0 {
		return frame{}, false
	}
	name, object := rest[:at], strings.TrimSuffix(rest[at+2:], ")")
	return frame{name: name, kernel: strings.HasPrefix(object, "[kernel") || strings.HasSuffix(object, ".ko")}, true
}

// A node is a function called by the same callers, with the samples that it was in.
type node struct {
	frame
	samples  int
	children []*node
}

// grow makes a tree of stacks. Children are in the order of their first sample.
func grow(stacks [][]frame) *node {
	root := &node{frame: frame{name: "all"}}
	for _, stack := range stacks {
		root.samples++
		n := root
		for _, f := range stack {
			n = n.child(f)
			n.samples++
		}
	}
	return root
}

func (n *node) child(f frame) *node {
	for _, c := range n.children {
		if c.frame == f {
			return c
		}
	}
	c := &node{frame: f}
	n.children = append(n.children, c)
	return c
}
