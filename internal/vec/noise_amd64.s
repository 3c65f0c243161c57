#include "textflag.h"

// Both functions work on 4 values at once, and n is a multiple of that. They round as RoundByte.

DATA shifted<>+0(SB)/8, $1048576.5 // half, and what keeps numbers positive
GLOBL shifted<>(SB), RODATA|NOPTR, $8

DATA shift<>+0(SB)/4, $1048576
GLOBL shift<>(SB), RODATA|NOPTR, $4

DATA greatest<>+0(SB)/4, $255
GLOBL greatest<>(SB), RODATA|NOPTR, $4

#define ROUNDING \
	VBROADCASTSD shifted<>(SB), Y10 \
	VPBROADCASTD shift<>(SB), X11   \
	VPBROADCASTD greatest<>(SB), X12 \
	VPXOR        X13, X13, X13

#define ROUND(y, x) \
	VADDPD      Y10, y, y  \
	VCVTTPD2DQY y, x       \
	VPSUBD      X11, x, x  \
	VPMAXSD     X13, x, x  \
	VPMINSD     X12, x, x  \
	VCVTDQ2PS   x, x

// func addNormals(out, in *float32, normals *float64, sigma float64, n int)
TEXT ·addNormals(SB), NOSPLIT, $0-40
	MOVQ         out+0(FP), DI
	MOVQ         in+8(FP), SI
	MOVQ         normals+16(FP), BX
	VBROADCASTSD sigma+24(FP), Y14
	MOVQ         n+32(FP), CX
	XORQ         AX, AX
	ROUNDING

loop:
	VMULPD    (BX)(AX*8), Y14, Y0
	VCVTPS2PD (SI)(AX*4), Y1
	VADDPD    Y1, Y0, Y0
	ROUND(Y0, X0)
	VMOVUPS   X0, (DI)(AX*4)
	ADDQ      $4, AX
	CMPQ      AX, CX
	JLT       loop
	VZEROUPPER
	RET

// func multiplyNormals(out, in *float32, normals *float64, factor, sigma float64, n int)
TEXT ·multiplyNormals(SB), NOSPLIT, $0-48
	MOVQ         out+0(FP), DI
	MOVQ         in+8(FP), SI
	MOVQ         normals+16(FP), BX
	VBROADCASTSD factor+24(FP), Y15
	VBROADCASTSD sigma+32(FP), Y14
	MOVQ         n+40(FP), CX
	XORQ         AX, AX
	ROUNDING

loop:
	VMULPD    (BX)(AX*8), Y14, Y0
	VADDPD    Y15, Y0, Y0
	VCVTPS2PD (SI)(AX*4), Y1
	VMULPD    Y1, Y0, Y0
	ROUND(Y0, X0)
	VMOVUPS   X0, (DI)(AX*4)
	ADDQ      $4, AX
	CMPQ      AX, CX
	JLT       loop
	VZEROUPPER
	RET
