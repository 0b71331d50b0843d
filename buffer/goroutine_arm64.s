#include "textflag.h"

// func getg() uintptr
//
// The runtime keeps the running goroutine's descriptor in register g. Its address identifies the goroutine for
// as long as that goroutine runs; it is compared, never dereferenced.
TEXT ·getg(SB), NOSPLIT, $0-8
	MOVD g, ret+0(FP)
	RET
