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

// chunkBlocks returns how many blocks of a class one chunk is cut into: at least 64 KiB worth of small ones, four of
// the largest. What a half-used chunk wastes stays in proportion to the size of its blocks.
func chunkBlocks(class int) int {
	return max(64<<10/classSize(class), 4)
}
