// Command bufvet finds breaches of the ownership rules of ropewalk's buffers. It is a tool for go vet:
//
//	go get -tool github.com/ropewalk/ropewalk/buffer/bufvet/cmd/bufvet
//	go vet -vettool=$(go tool -n bufvet) ./...
//
// It also runs by itself, on packages or with the flags of go vet's own tools: bufvet ./..., bufvet help bufvet. What it
// finds, and what it takes for granted, is in the comment of package bufvet.
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/ropewalk/ropewalk/buffer/bufvet"
)

// multichecker rather than unitchecker: it does what go vet asks for, and takes packages too.
func main() { multichecker.Main(bufvet.Analyzer) }
