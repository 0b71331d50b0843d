package buffer

// A trap gives out memory that is watched once it was given back. Checked mode takes the memory of its blocks from one: each
// block lies alone, and its addresses are not used again for a long time.
//
// What becomes of an access through a stale []byte is different for each kind, and describe says it:
//
//	arenaTrap    linux/amd64 with userfaultfd(2)   report, then Go's own crash at the guilty line
//	mapTrap      Linux where that is refused       Go's crash at the guilty line, no report
//	poisonTrap   elsewhere, and under -race        report of a write, some time later; the race detector may see more
//
// All methods may be called on any goroutine.
type trap interface {
	// alloc returns n zeroed bytes that nobody else has. Their capacity is what belongs to them; free, seal and unseal take
	// the whole of it.
	alloc(n int) ([]byte, error)
	// free takes mem back. It panics when mem is not out, which is a bug of the caller and not of a program.
	free(mem []byte)
	// seal makes writes to mem a fault until unseal, if this trap can tell that from others. System calls that write to it
	// then fail with EFAULT.
	seal(mem []byte)
	unseal(mem []byte)
	// describe tells what this trap notices, in one sentence.
	describe() string
}

// A fault is an access that a trap has noticed.
type fault struct {
	addr   uintptr // of the first byte, or somewhere in its page on kernels before 5.18
	write  bool
	sealed bool // a write to sealed memory that is in use; otherwise the memory is free, or belongs to no block
	late   bool // it happened some time ago, and whoever did it is gone
}

// A reporter is told of a fault and says whether the program is to die of it at the line that did it. A fault that
// does not stop the program is forgotten: the memory is made accessible, and a seal is broken.
//
// It runs on a goroutine of its own (late faults: of whoever calls free) while the access hangs. The goroutine that did
// it may hold any lock of the program, may keep its P, and then also keeps the garbage collector from stopping the world. So a
// reporter takes no lock that is ever held across an access to memory of the trap, allocates little, and returns soon.
type reporter func(fault) (stop bool)

// What a mapTrap and a poisonTrap keep of freed memory. An arenaTrap keeps addresses only, and millions of them.
const (
	quarantineBytes  = 64 << 20
	quarantineBlocks = 16 << 10
)
