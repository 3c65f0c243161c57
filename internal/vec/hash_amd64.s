#include "textflag.h"

DATA hashTimes<>+0(SB)/8, $0xfffeb81b
GLOBL hashTimes<>(SB), RODATA|NOPTR, $8

// LANES takes four lanes one step further: eight bytes are added to each, and its lower half, times the multiplier, to its upper half.
#define LANES(at, lanes) \
	VPADDQ   at(SI), lanes, lanes \
	VPSRLQ   $32, lanes, Y8       \
	VPMULUDQ Y15, lanes, lanes    \
	VPADDQ   Y8, lanes, lanes

// func hashBlocks(lanes *[32]uint64, data *byte, blocks int)
//
// There is at least one block, of 256 bytes.
TEXT ·hashBlocks(SB), NOSPLIT, $0-24
	MOVQ         lanes+0(FP), DI
	MOVQ         data+8(FP), SI
	MOVQ         blocks+16(FP), CX
	VPBROADCASTQ hashTimes<>(SB), Y15
	VMOVDQU      (DI), Y0
	VMOVDQU      32(DI), Y1
	VMOVDQU      64(DI), Y2
	VMOVDQU      96(DI), Y3
	VMOVDQU      128(DI), Y4
	VMOVDQU      160(DI), Y5
	VMOVDQU      192(DI), Y6
	VMOVDQU      224(DI), Y7

loop:
	LANES(0, Y0)
	LANES(32, Y1)
	LANES(64, Y2)
	LANES(96, Y3)
	LANES(128, Y4)
	LANES(160, Y5)
	LANES(192, Y6)
	LANES(224, Y7)
	ADDQ $256, SI
	DECQ CX
	JNZ  loop
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	VMOVDQU Y2, 64(DI)
	VMOVDQU Y3, 96(DI)
	VMOVDQU Y4, 128(DI)
	VMOVDQU Y5, 160(DI)
	VMOVDQU Y6, 192(DI)
	VMOVDQU Y7, 224(DI)
	VZEROUPPER
	RET
