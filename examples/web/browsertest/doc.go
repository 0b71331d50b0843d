// Package browsertest looks at the pages of examples/web and examples/chat as people do: in a browser. Its tests build the two
// programs, run them, and drive a headless Chromium, which must be installed:
//
//	go -C examples/web/browsertest test -v ./...
//
// The pictures that it takes are left in .ci/out.
//
// It is a module of its own so that "go test ./..." in the root needs no browser. It depends on nothing: Chromium speaks its
// DevTools protocol also through two pipes (--remote-debugging-pipe), as JSON with a zero byte behind each message, and
// the four files chromium_test.go, tab_test.go, picture_test.go and server_test.go are all it takes to use it.
package browsertest
