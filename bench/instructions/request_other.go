//go:build !amd64

package main

func toggle()     {}
func dump(string) {}

func underValgrind() bool { return false }
