#include "textflag.h"

// func dots(sums *[2][8]float64, a, b, c *float64, n int)
//
// n is a multiple of 8 and not 0.
TEXT ·dots(SB), NOSPLIT, $0-40
	MOVQ   sums+0(FP), DI
	MOVQ   a+8(FP), SI
	MOVQ   b+16(FP), BX
	MOVQ   c+24(FP), DX
	MOVQ   n+32(FP), CX
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3
	XORQ   AX, AX

loop:
	VMOVUPD (SI)(AX*8), Y4
	VMOVUPD 32(SI)(AX*8), Y5
	VMULPD  (BX)(AX*8), Y4, Y6
	VMULPD  32(BX)(AX*8), Y5, Y7
	VMULPD  (DX)(AX*8), Y4, Y4
	VMULPD  32(DX)(AX*8), Y5, Y5
	VADDPD  Y6, Y0, Y0
	VADDPD  Y7, Y1, Y1
	VADDPD  Y4, Y2, Y2
	VADDPD  Y5, Y3, Y3
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     loop
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	VMOVUPD Y2, 64(DI)
	VMOVUPD Y3, 96(DI)
	VZEROUPPER
	RET
