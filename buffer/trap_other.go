//go:build !linux || race

package buffer

// newTrap returns the trap for this system. Under the race detector that is Go memory, which the detector watches; it knows
// nothing of mappings.
func newTrap(report reporter) trap {
	return newPoisonTrap(quarantineBytes, quarantineBlocks, report)
}
