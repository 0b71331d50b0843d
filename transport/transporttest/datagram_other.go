//go:build !linux

package transporttest

import "net"

// No engine for this system has sockets for packets yet.

func sendSegments(*net.UDPConn, int) bool      { return false }
func sendClass(*net.UDPConn, int) bool         { return false }
func noChecksums(_, _ string, _ uintptr) error { return nil }
func groupsByLoopback(*net.UDPConn) bool       { return false }
