package buffer

import "math/bits"

// Size classes: 64 B to 1 MiB, four to a doubling (64 80 96 112 128 160 192 224 256 320 ...), so a block is at most
// 25 % larger than what was asked for.
const (
	minClassBits = 6  // 64 B
	maxClassBits = 20 // 1 MiB
	numClasses   = (maxClassBits-minClassBits)*4 + 1

	minBlock = 1 << minClassBits
	maxBlock = 1 << maxClassBits

	// Classes that are not in the table.
	classLarge   = numClasses     // a mapping of its own
	classWrapped = numClasses + 1 // adopted memory, see Wrap
	classHeap    = numClasses + 2 // Go memory, see Heap
	classGuarded = numClasses + 3 // memory of the checked mode, see guard.go
	classMapped  = numClasses + 4 // part of a file, which cannot be written, see Map
)

// classOf returns the smallest class that holds n bytes, for 0 <= n <= maxBlock.
func classOf(n int) int {
	if n <= minBlock {
		return 0
	}
	// Of n-1, the leading bit selects the doubling and the two bits below it the quarter.
	shift := bits.Len32(uint32(n-1)) - 3
	return (shift-minClassBits+2)*4 + int(uint32(n-1)>>shift) - 3
}

// classSize returns the size of a class's blocks in bytes.
func classSize(class int) int {
	return (4 + class&3) << (class>>2 + minClassBits - 2)
}

// roundUp returns the size of the block that n bytes get: that of their class, or whole pages beyond the classes.
func roundUp(n int) int {
	if n <= maxBlock {
		return classSize(classOf(n))
	}
	return (n + page - 1) &^ (page - 1)
}
