//go:build !linux

package transporttest

var localCases []behaviour
