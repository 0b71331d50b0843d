//go:build !unix

package nethttp

import "github.com/ropewalk/ropewalk/channel"

// duplicate returns nil: the file is read.
func duplicate(file, int64, int64, int64) *channel.File { return nil }
