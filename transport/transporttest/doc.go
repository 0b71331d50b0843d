// Package transporttest holds every engine to the same behaviour.
//
//	func TestSuite(t *testing.T) { transporttest.Run(t, myengine.Engine{}) }
//
// The other side of each connection is a plain net.Conn, so that what it sends, when it ends its stream, and how it goes
// are exactly what the case says:
//
//	peer (net.Conn) ◄── network ──► engine ──► channel ──► a sink that records and checks
//
// # What every case checks
//
// The sink checks the order of its calls: Open first, none inside another, no input after the end of the stream or while
// reading is paused, Closed once and last. When a case is over its group is closed, and no buffer may be owned by
// anybody, no goroutine left, and, where the system tells, no descriptor open that was not open before.
//
// # Time
//
// Nothing sleeps. A case waits for what it wants to see, and fails when that has not come after a long time. Where a
// time is the subject, such as that of a timer, only its lower bound is checked.
package transporttest
