#include "textflag.h"

// func request(args *[6]uint64) uint64
//
// The four rotations add up to none, so that on a processor nothing happens: valgrind's own knows the sequence
// (valgrind.h, __VALGRIND_DO_CLIENT_REQUEST for amd64-linux).
TEXT ·request(SB), NOSPLIT, $0-16
	MOVQ args+0(FP), AX
	XORL DX, DX // the answer without valgrind
	ROLQ $3, DI
	ROLQ $13, DI
	ROLQ $61, DI
	ROLQ $51, DI
	XCHGQ BX, BX
	MOVQ DX, ret+8(FP)
	RET
