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
	MOVD $·busFirst(SB), R0
	MOVD i+0(FP), R1
	CBZ  R1, done
	MOVD $·busSecond(SB), R0
done:
	MOVD R0, ret+8(FP)
	RET

// func busFirst()
//
// A handler of signals, with the arguments of one in C: number in R0, siginfo in R1, context in R2. R3 is where the address of the
// handler is that it goes on to.
TEXT ·busFirst(SB), NOSPLIT|NOFRAME|TOPFRAME, $0-0
	MOVD $·busNext+0(SB), R3
	B    ·busFault(SB)

// func busSecond()
TEXT ·busSecond(SB), NOSPLIT|NOFRAME|TOPFRAME, $0-0
	MOVD $·busNext+8(SB), R3
	B    ·busFault(SB)

// func busFault()
//
// Loads of an entry acquire (LDAR), so that its number is read before and after the rest.
TEXT ·busFault(SB), NOSPLIT|NOFRAME|TOPFRAME, $0-0
	MOVW  SI_CODE(R1), R4
	CMPW  $BUS_ADRERR, R4
	BNE   other
	MOVD  SI_ADDR(R1), R5
	MOVD  $·mapTable(SB), R6
	MOVD  $·mapUsed(SB), R7
	LDARW (R7), R7
entry:
	CBZW  R7, other
	LDARW (R6), R9
	TBNZ  $0, R9, skip
	ADD   $ENTRY_BASE, R6, R10
	LDAR  (R10), R11
	CMP   R11, R5
	BLO   skip
	ADD   $ENTRY_END, R6, R10
	LDAR  (R10), R12
	CMP   R12, R5
	BHS   skip
	LDARW (R6), R13
	CMPW  R13, R9
	BEQ   ours
skip:
	ADD  $ENTRY_SIZE, R6
	SUBW $1, R7
	B    entry

ours:
	MOVD $·mapMask(SB), R10
	MOVD (R10), R10
	AND  R10, R5
	ADD  $ENTRY_LOST, R6, R10
lost:
	LDAXR (R10), R13
	CMP   R13, R5
	BHS   noted
	STLXR R5, (R10), R14
	CBNZW R14, lost
noted:
	DMB  $0xb // inner shareable: before the pages change
	MOVD R0, R9 // the kernel keeps all registers but R0
	MOVD R1, R10
	MOVD R2, R11
	MOVD R3, R13
	MOVD R5, R0
	SUB  R5, R12, R1
	MOVD $1, R2      // PROT_READ
	MOVD $0x4032, R3 // MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS|MAP_NORESERVE
	MOVD $-1, R4
	MOVD $0, R5
	MOVD $222, R8 // SYS_mmap
	SVC
	CMN  $4095, R0
	BCS  failed
	RET
failed:
	MOVD R9, R0
	MOVD R10, R1
	MOVD R11, R2
	MOVD R13, R3
other:
	MOVD (R3), R8
	JMP  (R8)
