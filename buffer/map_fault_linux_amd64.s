#include "textflag.h"

// What of a signal's siginfo is looked at, sigaction(2).
#define SI_CODE 8
#define SI_ADDR 16
#define BUS_ADRERR 2

// What of a mapEntry.
#define ENTRY_SEQ 0
#define ENTRY_BASE 8
#define ENTRY_END 16
#define ENTRY_LOST 24
#define ENTRY_SIZE 32

// func busEntry(i int) uintptr
TEXT ·busEntry(SB), NOSPLIT, $0-16
	LEAQ ·busFirst(SB), AX
	CMPQ i+0(FP), $0
	JEQ  done
	LEAQ ·busSecond(SB), AX
done:
	MOVQ AX, ret+8(FP)
	RET

// func busFirst()
//
// A handler of signals, with the arguments of one in C: number in DI, siginfo in SI, context in DX. R11 is where the address of the
// handler is that it goes on to.
TEXT ·busFirst(SB), NOSPLIT|NOFRAME|TOPFRAME, $0-0
	LEAQ ·busNext+0(SB), R11
	JMP  ·busFault(SB)

// func busSecond()
TEXT ·busSecond(SB), NOSPLIT|NOFRAME|TOPFRAME, $0-0
	LEAQ ·busNext+8(SB), R11
	JMP  ·busFault(SB)

// func busFault()
//
// Loads are not reordered with loads on this processor, so the number of an entry is read before and after the rest.
TEXT ·busFault(SB), NOSPLIT|NOFRAME|TOPFRAME, $0-0
	CMPL SI_CODE(SI), $BUS_ADRERR
	JNE  other
	MOVQ SI_ADDR(SI), AX
	LEAQ ·mapTable(SB), R8
	MOVL ·mapUsed(SB), CX
entry:
	TESTL CX, CX
	JEQ   other
	MOVL  ENTRY_SEQ(R8), R9
	TESTL $1, R9
	JNE   skip
	MOVQ  ENTRY_BASE(R8), R10
	CMPQ  AX, R10
	JCS   skip
	MOVQ  ENTRY_END(R8), R10
	CMPQ  AX, R10
	JCC   skip
	CMPL  R9, ENTRY_SEQ(R8)
	JEQ   ours
skip:
	ADDQ $ENTRY_SIZE, R8
	DECL CX
	JMP  entry

ours:
	MOVQ AX, R9
	ANDQ ·mapMask(SB), R9
lost:
	MOVQ ENTRY_LOST(R8), AX
	CMPQ R9, AX
	JCC  noted
	LOCK
	CMPXCHGQ R9, ENTRY_LOST(R8)
	JNE  lost
noted:
	PUSHQ R11
	PUSHQ DI
	PUSHQ SI
	PUSHQ DX
	MOVQ  R9, DI
	MOVQ  R10, SI
	SUBQ  R9, SI
	MOVL  $1, DX      // PROT_READ
	MOVL  $0x4032, R10 // MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS|MAP_NORESERVE
	MOVQ  $-1, R8
	XORL  R9, R9
	MOVL  $9, AX // SYS_mmap
	SYSCALL
	POPQ DX
	POPQ SI
	POPQ DI
	POPQ R11
	CMPQ AX, $0xfffffffffffff001
	JCC  other
	RET

other:
	MOVQ (R11), AX
	JMP  AX
