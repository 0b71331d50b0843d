// Package group is what the groups of all engines share, on every system: who has which connections, how they are drained, and
// the listeners that a group closes.
//
//	engine.Group ──► Listeners ──► listener ──► Owner ──► its connections
//	             └─► Owner of what was dialed ──────────► its connections
//
// An engine that is a group of loops of its own embeds or holds these; transport/internal/socket, transport/std, transport/mem and
// transport/gnet do.
//
// # Threads
//
// All methods may be called by any goroutine. What is called for a connection runs on its loop, by the function that the
// engine passes.
package group
