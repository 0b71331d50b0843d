// Package metrics shows the books of pools, buffer.Stats, to people and machines that ask over HTTP.
//
//	metrics.Publish("default", buffer.Default)           // in expvar, at /debug/vars
//	http.Handle("/debug/buffers", metrics.Handler())     // as text
//
// A published pool is a value in the variable [Variable] of expvar: an object with the fields of [buffer.Stats] under their Go
// names, as memstats has those of runtime.MemStats. Classes is an array, also when it is empty. All sizes are bytes, and what has no
// limit has a Limit of 9223372036854775807 (some readers of JSON round it).
//
// # Goroutines and cost
//
// Any goroutine may call the functions of this package. A snapshot holds the lock of its pool for some microseconds, as
// Pool.Stats says, and nothing is counted in between: who does not ask does not pay. Each request takes one snapshot of each pool that
// it is about. Published pools are kept alive, until [Unpublish].
//
// # Who may look
//
// The text and the variables tell how a program uses its memory, and asking keeps loops off the lock for a moment. Mount them where
// net/http/pprof would be: at an address that only operators reach.
//
// # What it links in
//
// Package expvar imports net/http and registers /debug/vars in http.DefaultServeMux. No other package of this module imports
// either of them, so only programs that import this one link in a web server. For Prometheus there is the module
// buffer/metrics/prometheus, which does not need this package.
package metrics
