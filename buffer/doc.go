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
// # Limits
//
// A [Pool] maps at most Limit bytes. At the limit TryAlloc returns [ErrLimit] and Alloc panics with it; an event loop
// turns that panic into the end of the one channel that asked. A block is at most 1 MiB (larger
// requests get a mapping of their own), a Buf has no limit of its own: those who fill one set it.
//
// Fresh memory is not zeroed: it may hold bytes of earlier messages of this process. A Buf shows only
// what was written or committed.
package buffer
