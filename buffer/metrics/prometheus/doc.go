// Package poolprom shows the books of pools, buffer.Stats, to Prometheus.
//
//	import poolprom "github.com/ropewalk/ropewalk/buffer/metrics/prometheus"
//
//	prometheus.MustRegister(poolprom.NewCollector(buffer.Default, "default"))
//
// The package is called poolprom because whoever imports it imports a package prometheus too: that of client_golang. The
// folder is called prometheus because that is what one looks for, beside buffer/metrics. It is a module of its own, so that only
// its users depend on client_golang.
//
// # Metrics
//
// All begin with ropewalk_buffer_ and have the label pool, the name given to NewCollector. The kind is counter where the name ends
// with _total, else gauge.
//
//	name                       unit         what it tells                                      field of buffer.Stats
//	limit_bytes                bytes        the most that the pool maps; +Inf without a limit  Limit
//	held_bytes                 bytes        mapped                                             Held
//	held_peak_bytes            bytes        the most that was held since the pool was made     Peak
//	live_bytes                 bytes        of blocks that buffers keep in place               Live
//	cached_bytes               bytes        of free blocks in the caches of loops              Cached
//	idle_bytes                 bytes        of chunks of which nothing is in use               Idle
//	handles                    buffers      owned by somebody                                  Handles
//	handles_made_total         buffers      made                                               HandlesMade
//	watched_handles            buffers      of these handles, watched for leaks                Watched
//	leaks_total                buffers      watched ones that were lost                        Leaks
//	refills_total              refills      a loop had no free block and went to the pool      Refills
//	copied_bytes_total         bytes        moved from one block to another                    Copied
//	pressed                    0 or 1       short of memory: loops do not read                 Pressed
//	pressures_total            times        that pressed began                                 Pressures
//	refused_total              allocations  that failed at the limit                           Refused
//	trimmed_chunks_total       chunks       given back to the system                           Trims
//	trimmed_bytes_total        bytes        of these                                           Trimmed
//	large_blocks               blocks       beyond 1 MiB, each a mapping of its own            Large
//	large_bytes                bytes        of these                                           LargeBytes
//	class_chunks{size}         chunks       of a size class                                    Classes: Chunks
//	class_blocks{size,state}   blocks       of a size class, in a state: live, cached or free  Classes: Live, Cached, Free
//
// The label size is the bytes of a block, as a decimal number. There are 57 classes, so a pool has at most 19 + 57*4 = 247 series. A
// class that holds no memory has none, so series of a class end when it was trimmed and may begin again.
//
// # Alerts
//
//	what                                          expression                                                          for
//	requests are turned away for want of memory   increase(ropewalk_buffer_refused_total[5m]) > 0                     0m
//	loops have stopped reading, and it stays so   min_over_time(ropewalk_buffer_pressed[1m]) == 1                     5m
//	it comes and goes: Limit is too near          increase(ropewalk_buffer_pressures_total[10m]) > 10                 0m
//	buffers are lost: the log says where made     increase(ropewalk_buffer_leaks_total[1h]) > 0                       0m
//	buffers pile up: a queue without a bound      deriv(ropewalk_buffer_handles[30m]) > 0 and                         1h
//	                                              ropewalk_buffer_handles > 4 * avg_over_time(ropewalk_buffer_handles[1d])
//	memory is held and not used                   ropewalk_buffer_held_bytes > 4 * ropewalk_buffer_live_bytes         30m
//	                                              and ropewalk_buffer_held_bytes > 0.1 * ropewalk_buffer_limit_bytes
//	messages are copied rather than passed on     rate(ropewalk_buffer_copied_bytes_total[5m]), beside the bytes      -
//	                                              that the program sends: a graph rather than an alert
//
// One lost handle that was watched stands for about as many as Pool.LeakSample says. The numbers 4, 10 and 0.1 are a place to start. A pool
// without a limit is never pressed and refuses nothing, and the last but one is silent about it.
//
// # Goroutines and cost
//
// A Collector may be used by several goroutines. Each scrape takes one snapshot, under the pool's lock for some microseconds;
// between scrapes it costs nothing.
package poolprom
