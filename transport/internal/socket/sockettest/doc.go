// Package sockettest is what the tests of package socket, and of the engines built on it, have in common: a group of loops that
// is checked when its test ends, a sink made of functions, peers, and ways to wait that never sleep.
//
//	g := sockettest.Start(t, epoll.Engine{})
//	s := sockettest.Echo()
//	p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s) // p is the other side, a net.Conn
//	g.On(func() { ... })                                     // on the loop, where s.Conn() may be looked at
//
// # What every test checks
//
// When the test ends its group is closed; then no buffer may be owned by anybody, and no goroutine, descriptor, or mapping of a
// ring be left that was not there before.
//
// # How it differs from transporttest
//
// That kit knows nothing of an engine but its interface, and holds all engines to one behaviour. This one reaches for the loop of
// an engine on sockets of Linux: its counts, the flags of its connections, what it does while nothing happens.
package sockettest
