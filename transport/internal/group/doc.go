// Package group is what the groups of all engines share, on every system: who has which connections, how they are drained, which
// loop has the fewest, and the listeners that a group closes.
//
//	engine.Group ──► Listeners ──► listener ──► Owner ──► its connections (Conn)
//	             ├─► Owner of what was dialed ──────────► its connections
//	             └─► Loops ──► Loop, the engine's, around a channel.Loop
//
// An engine that is a group of loops of its own holds these; transport/internal/socket, transport/std, transport/mem and
// transport/gnet do.
//
// # Threads
//
// All methods may be called by any goroutine. What is called for a connection runs on its loop.
package group
