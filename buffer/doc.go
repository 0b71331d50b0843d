// Package buffer holds bytes outside the Go heap and passes them on without copying.
//
// # What there is
//
//	                 block (off-heap, one count of shares)
//	┌──────────┬──────────────────────────────────────────┬──────────────┐
//	│ headroom │ h e a d e r   p a y l o a d   p a y l o a d │     room     │
//	└──────────┴──────────────────────────────────────────┴──────────────┘
//	             ▲            ▲             ▲
//	             └── *Buf A ──┴── *Buf B ───┘      a Buf is a handle on one or more views
//
// A block is a piece of memory from an anonymous mapping. A view is a range of a block. A [Buf] is a handle on a
// short list of views and looks like one run of bytes, contiguous or not: there is one type for both.
// [Buf.Slice], [Buf.Clone] and [Buf.Split] make new handles on the same bytes; [Buf.Append] and [Buf.Prepend] join
// views. A view that follows another one in the same block joins it, so a burst of messages that were read
// together leaves as a single piece for writev(2).
//
// # Ownership
//
// A []byte is borrowed: it is valid until the call that lent it is over, or until the handle it came from is
// changed or released. A *Buf is owned: exactly one owner, who either calls [Buf.Release] once or passes it on.
// Whoever receives a *Buf owns it, also when the call fails. There is no public reference count: two owners means
// two handles. A second Release of one handle panics as long as the handle was not reused.
//
// A handle may write only where nobody else looks. It may append in place when nothing follows its last view
// (room), and prepend in place into bytes that belong to it alone (headroom): the free front of a fresh block, or
// bytes in front that only this handle could see and has given up, such as a frame header that was parsed. In
// all other cases Append and Prepend link a new piece. [Buf.SetUint32] and its kin change bytes in place,
// for every handle that shares them.
//
// # Goroutines
//
// A Buf is not safe for concurrent use, but may be handed to another goroutine, and its clones may live on other
// goroutines. An event loop owns a [Cache], which makes handles and blocks without locks; code on other goroutines
// goes to the [Pool] under its lock. Public methods find out by themselves where they run (a comparison of
// the goroutine's address with the one that owns the cache, 2-3 ns).
//
// The count of a block is a weighted one: the first owner holds 2^24 shares, a slice moves some of its parent's shares
// to the child, and joining views adds them up. That is plain arithmetic on the handles, so the atomic count is
// only touched when an owner has no share left to give, or gives its last shares back.
//
// # Memory
//
// Blocks have sizes from 64 B to 1 MiB, four to a doubling, so a block is at most 25 % larger than what was asked for, and 9 % on
// average. In front of fresh buffers below 4 KiB there are 16 bytes of headroom; larger ones have them if their block
// has the space, since powers of two would take a quarter more. Requests beyond 1 MiB get a mapping of their own. Small blocks
// of a size come from chunks of 32 to 64 KiB, so a size of which one block is in use holds that much at most.
//
// Fresh memory is not zeroed: it may hold bytes of earlier messages of this process. A Buf shows only what was written or
// committed. Memory that nobody needs goes back to the system by itself, see Pool.TrimAfter, and at once by [Pool.Trim].
//
// # Mapped files
//
// Map makes a Buf of part of a file: the pages of the kernel's page cache, which nobody copies, and which are not counted as
// memory of a pool. It is read-only memory, so methods that change bytes copy it first. If the file becomes shorter
// meanwhile, what is gone reads as zeros on whatever goroutine, where a program would otherwise end by SIGBUS; Buf.Err tells, and a
// channel does not send it. Map itself says what that takes.
//
// # Limits
//
// A [Pool] holds at most Limit bytes. At the limit TryAlloc returns [ErrLimit] and Alloc panics with it; an event loop
// turns that panic into the end of the one channel that asked. Before that, from three quarters of the limit on, the loops
// stop reading, see [Pool.Pressed]. A Buf has no limit of its own: those who fill one set it. [Pool.Stats] tells what is in use,
// by size; package metrics publishes it.
//
// # Leaks
//
// The collector finds lost handles, not lost memory: a Buf that becomes unreachable without a Release keeps its blocks for
// ever. One handle in [Pool.LeakSample] is watched; if it is lost, a report tells where it was made and what [Buf.Touch] has
// noted since. In tests every handle is watched, see package buffertest. The analyzer bufvet finds many leaks before a
// program runs.
//
// # CheckedMode
//
// A program that misbehaves is run again with ROPEWALK_BUFFER=checked=1 in its environment, or Pool.Checked. Nothing is built
// anew and all types are the same, but each block has pages of its own, which cannot be accessed after its release, and
// no handle is used twice. Misuse then ends the program at the guilty line, with a report of where the memory was
// allocated and where it was released:
//
//   - a method of a handle that was released, or passed on to a queue or another Buf; so also a second Release, and the
//     Release of what belongs to somebody else
//   - a []byte that is read or written after the Buf it came from was released (if no other view keeps the block)
//   - a []byte that is written to while another handle shows the same bytes
//
// What it cannot see: a stale []byte whose block another view keeps; a write beyond a view inside of its block (Go's own bounds
// are those of the view); memory adopted with [Wrap], and that of a [Heap]; accesses by system calls, which fail with
// EFAULT instead. It needs userfaultfd(2) to report stale slices, on linux/amd64: elsewhere on Linux the program ends at the
// guilty line, but without the stacks; on other systems writes are found later, and reads are not. An allocation takes 2 to 5
// us in this mode and at least a page.
//
// Under the race detector all memory lies on the Go heap, where it can see it. It is told of what the kernel reads and writes, and
// that a release is a write: a goroutine that still uses bytes while another one releases them is reported as a race.
package buffer
