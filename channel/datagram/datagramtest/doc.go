// Package datagramtest drives sockets of package datagram in tests without a descriptor, as package channeltest, on whose loop they
// are, does with channels.
//
//	 your Sink           Open · Receive · ReceiveDone · Failed · Writable · Closed
//	    ▲ │
//	datagram.Socket ──── the shipped code, on a loop whose clock the test turns
//	    ▲ │
//	  Script             a descriptor that answers each packet as the test says, and keeps what it was sent
//
// The test plays the peers and the kernel:
//
//	l := channeltest.NewLoop(t)
//	c := datagramtest.Open(l, t, sink, datagram.Options{}, datagramtest.Take(1), datagramtest.Again())
//	c.Feed(peer, "one", "two")   // a burst of two packets
//	c.Unstall()                  // after EAGAIN there is room again
//	c.Wire.Sent()                // what has left, and to whom
//
// Every call that makes something happen returns when nothing is left to do.
//
// A Script fails the test when it is called against the rules of datagram.Backend, a Conn when its sink is called out of order. At
// the end of the test sockets are aborted, and the test fails if a sink was not told Closed or if steps were not reached; the
// loop of channeltest then looks for buffers that nobody has released.
//
// Sockets and scripts belong to the goroutine that made their loop.
package datagramtest
