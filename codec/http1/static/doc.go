// Package static serves the files below a directory over HTTP, as people expect it from a web server: ranges, conditional
// requests, content types, precompressed files, and nothing from outside of the directory.
//
//	             target ── decodePath ──► path ──► cache ──► one statx(2): still the same? ──► entry: file, validators
//	*Request ──►                                     │  no, or not there                         │
//	                                                 └──► openat2(2), below the root ────────────┤
//	*Response ◄── head, and a *channel.File, a few bytes, or a Source ◄── preconditions, range ◄─┘
//
// A handler calls Files.Serve, or is that method:
//
//	files, err := static.Open("/var/www", static.Options{})
//	...
//	[]pipeline.Stage{server.Stage(), http1.Serve(files.Serve)}
//
// # Coherence
//
// Files are kept open between requests, with their entity tag and the other text of their heads. Each request asks the system
// once what its path means now, and compares: device, inode, size, times of change. So a file that was replaced, edited, cut or
// removed is noticed by the next request. The bytes of a file come from the system for every request; no copies are kept.
// A file that is edited in place while it is being sent arrives as a mixture, and one that becomes shorter ends its connection
// (channel.ErrFileShrank), as everywhere: replace files by rename(2). The times of a file have the resolution that its
// file system and kernel give them; two changes of the same size within one tick of some milliseconds can have the same entity
// tag on kernels before 6.13, and what is written through a mapping (mmap(2)) is dated by the kernel when it gets to it.
//
// # Inside the root
//
// A path is decoded once; an escape that is none, a zero byte, and dot segments that lead above the root are refused before
// any file is looked at. What is opened is opened by openat2(2) with RESOLVE_BENEATH, so that links cannot lead out either,
// whatever is renamed meanwhile; absolute links always lead out. On other systems, and where openat2 is not allowed, os.Root
// does it. What is neither a regular file nor a directory is not found, and never opened. A link out of the root, a name that
// begins with a dot, and a name that is not there look the same to the client.
//
// # Calls
//
// With a file that is open already, a request for it costs these system calls on the epoll engine:
//
//	up to 2 KiB     recv, statx, preadv2, send
//	above           recv, statx, send (the head waits for more), sendfile for each MiB; cachestat for it once a second
//
// and no allocation. To open a file takes statx, openat2, statx in addition. Precompressed adds a statx, and for each coding that
// the client accepts and that has no file the failing statx of it.
//
// # Threads and waiting
//
// One Files serves any number of loops. Serve and ServePath belong to the loop of their channel, everything else may be
// called by any goroutine. Names that the kernel does not know yet (its dentry cache) are read from the disk by the statx or
// the openat2 of the loop, and meanwhile it serves nobody else: some hundred microseconds each on a local disk, which happens
// once for a name as long as there is memory for it, but much longer on a network file system that hangs. Such directories
// deserve loops, or a process, of their own. The bytes of files do not stall a loop: those of small ones are only taken if
// they are in the page cache, and engines read others ahead. Lists of directories and direct I/O are done by up to eight
// goroutines beside the loops.
//
// # Memory
//
// An open file costs a descriptor and about half a KiB. A file on its way costs a handle. By direct I/O it costs another
// descriptor, up to two blocks of 256 KiB, or of 1 MiB of a file of more than 8 MiB, and what the channel has queued; see channel.Direct.
package static
