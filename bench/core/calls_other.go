//go:build !amd64

package main

import "golang.org/x/sys/unix"

var epollWaits = []int{unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_PWAIT2} // newer systems have no epoll_wait
