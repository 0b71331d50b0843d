//go:build linux

package uring

// Small returns an engine whose rings hold few requests and completions.
func Small(requests, completions uint32) Engine {
	return Engine{tuning{requests: requests, completions: completions}}
}

// Old returns an engine as older kernels have it: in one of the modes, and perhaps without multishot receive.
func Old(mode int, pollOnly bool) Engine { return Engine{tuning{mode: mode, pollOnly: pollOnly}} }

// Eager returns an engine whose connections receive after the first small piece.
func Eager() Engine { return Engine{tuning{streak: 1}} }

// MaxBuffers is how many buffers a ring receives into at most.
const MaxBuffers = maxBuffers
