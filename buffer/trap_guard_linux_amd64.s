//go:build !race

#include "textflag.h"

// func startTrapGuard(stack unsafe.Pointer) (tid int)
//
// clone(2) with the flags of the Go runtime's own threads. The stack's first word is trapGuard's argument.
TEXT ·startTrapGuard(SB), NOSPLIT, $0-16
	MOVQ stack+0(FP), SI
	MOVQ $0x50f00, DI // CLONE_VM|FS|FILES|SIGHAND|SYSVSEM|THREAD
	XORL DX, DX
	XORL R10, R10
	XORL R8, R8
	MOVQ $56, AX // SYS_clone
	SYSCALL
	TESTQ AX, AX
	JEQ  child
	MOVQ AX, tid+8(FP)
	RET
child:
	CALL ·trapGuard(SB)
	XORL DI, DI
	MOVQ $60, AX // SYS_exit: of this thread
	SYSCALL
	INT  $3
