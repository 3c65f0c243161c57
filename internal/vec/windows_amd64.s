#include "textflag.h"

// But for blur11, the functions are for an n that is a multiple of 4.

// func moments(d, squares, products *float64, a, b *float32, n int)
TEXT ·moments(SB), NOSPLIT, $0-48
	MOVQ d+0(FP), DI
	MOVQ squares+8(FP), R8
	MOVQ products+16(FP), R9
	MOVQ a+24(FP), SI
	MOVQ b+32(FP), BX
	MOVQ n+40(FP), CX
	XORQ AX, AX

loop:
	VCVTPS2PD (SI)(AX*4), Y0
	VCVTPS2PD (BX)(AX*4), Y1
	VSUBPD    Y0, Y1, Y1
	VMOVUPD   Y1, (DI)(AX*8)
	VMULPD    Y1, Y0, Y0
	VMOVUPD   Y0, (R9)(AX*8)
	VMULPD    Y1, Y1, Y1
	VMOVUPD   Y1, (R8)(AX*8)
	ADDQ      $4, AX
	CMPQ      AX, CX
	JLT       loop
	VZEROUPPER
	RET

// func products(dst *float64, a, b *float32, n int)
TEXT ·products(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), BX
	MOVQ n+24(FP), CX
	XORQ AX, AX

loop:
	VCVTPS2PD (SI)(AX*4), Y0
	VCVTPS2PD (BX)(AX*4), Y1
	VMULPD    Y1, Y0, Y0
	VMOVUPD   Y0, (DI)(AX*8)
	ADDQ      $4, AX
	CMPQ      AX, CX
	JLT       loop
	VZEROUPPER
	RET

// func losses(shifts, squares, products, mean, variance *float64, c1, c2 float64, n int)
TEXT ·losses(SB), NOSPLIT, $0-64
	MOVQ         shifts+0(FP), DI
	MOVQ         squares+8(FP), R8
	MOVQ         products+16(FP), R9
	MOVQ         mean+24(FP), SI
	MOVQ         variance+32(FP), BX
	VBROADCASTSD c1+40(FP), Y13
	VBROADCASTSD c2+48(FP), Y14
	MOVQ         n+56(FP), CX
	VXORPD       Y15, Y15, Y15
	XORQ         AX, AX

loop:
	VMOVUPD (DI)(AX*8), Y0     // shift
	VMOVUPD (SI)(AX*8), Y1     // mean
	VMULPD  Y0, Y0, Y2         // shift squared
	VMOVUPD (R8)(AX*8), Y3
	VSUBPD  Y2, Y3, Y3
	VMAXPD  Y15, Y3, Y3        // spread
	VMULPD  Y0, Y1, Y4
	VMOVUPD (R9)(AX*8), Y5
	VSUBPD  Y4, Y5, Y5         // covariance
	VADDPD  Y1, Y0, Y0
	VMULPD  Y1, Y0, Y0
	VADDPD  Y0, Y0, Y0
	VADDPD  Y13, Y0, Y0        // like
	VADDPD  (BX)(AX*8), Y5, Y5
	VADDPD  Y5, Y5, Y5
	VADDPD  Y14, Y5, Y5        // covary
	VADDPD  Y3, Y5, Y5         // covary + spread
	VMULPD  Y0, Y3, Y3
	VADDPD  Y2, Y0, Y0
	VMULPD  Y5, Y0, Y0
	VMULPD  Y5, Y2, Y2
	VADDPD  Y2, Y3, Y3
	VDIVPD  Y0, Y3, Y3
	VMOVUPD Y3, (DI)(AX*8)
	ADDQ    $4, AX
	CMPQ    AX, CX
	JLT     loop
	VZEROUPPER
	RET

// TAPS sets a register to the weighted sum of two taps.
#define TAPS(p, q, weight, to) \
	VMOVUPD (p)(R15*8), to     \
	VADDPD  (q)(R15*8), to, to \
	VMULPD  weight, to, to

// func blur11(dst *float64, n int, taps *[11]*float64, kernel *float64)
//
// kernel is the weight of the middle, followed by those of the others outwards. n is 4 or more; where it is no
// multiple of that, the last sums of the last but one step are made twice.
TEXT ·blur11(SB), NOSPLIT, $0-32
	MOVQ         kernel+24(FP), CX
	VBROADCASTSD 0(CX), Y10
	VBROADCASTSD 8(CX), Y11
	VBROADCASTSD 16(CX), Y12
	VBROADCASTSD 24(CX), Y13
	VBROADCASTSD 32(CX), Y14
	VBROADCASTSD 40(CX), Y15
	MOVQ         taps+16(FP), R15
	MOVQ         0(R15), AX
	MOVQ         8(R15), BX
	MOVQ         16(R15), CX
	MOVQ         24(R15), DX
	MOVQ         32(R15), SI
	MOVQ         40(R15), DI
	MOVQ         48(R15), R8
	MOVQ         56(R15), R9
	MOVQ         64(R15), R10
	MOVQ         72(R15), R11
	MOVQ         80(R15), R12
	MOVQ         dst+0(FP), R13
	MOVQ         n+8(FP), R14
	SUBQ         $4, R14 // where the last step begins
	XORQ         R15, R15

loop:
	VMULPD  (DI)(R15*8), Y10, Y0
	TAPS(SI, R8, Y11, Y1)
	VADDPD  Y1, Y0, Y0
	TAPS(DX, R9, Y12, Y2)
	TAPS(CX, R10, Y13, Y3)
	VADDPD  Y3, Y2, Y2
	VADDPD  Y2, Y0, Y0
	TAPS(BX, R11, Y14, Y4)
	TAPS(AX, R12, Y15, Y5)
	VADDPD  Y5, Y4, Y4
	VADDPD  Y4, Y0, Y0
	VMOVUPD Y0, (R13)(R15*8)
	CMPQ    R15, R14
	JGE     done
	ADDQ    $4, R15
	CMPQ    R15, R14
	JLE     loop
	MOVQ    R14, R15
	JMP     loop

done:
	VZEROUPPER
	RET

// func variances(dst, squares, means *float64, n int)
TEXT ·variances(SB), NOSPLIT, $0-32
	MOVQ   dst+0(FP), DI
	MOVQ   squares+8(FP), SI
	MOVQ   means+16(FP), BX
	MOVQ   n+24(FP), CX
	VXORPD Y15, Y15, Y15
	XORQ   AX, AX

loop:
	VMOVUPD (BX)(AX*8), Y0
	VMULPD  Y0, Y0, Y0
	VMOVUPD (SI)(AX*8), Y1
	VSUBPD  Y0, Y1, Y1
	VMAXPD  Y15, Y1, Y1
	VMOVUPD Y1, (DI)(AX*8)
	ADDQ    $4, AX
	CMPQ    AX, CX
	JLT     loop
	VZEROUPPER
	RET

DATA one<>+0(SB)/8, $1.0
GLOBL one<>(SB), RODATA|NOPTR, $8

// func windowWeights(ofVariance, rest, mean, variance *float64, c1, c2 float64, n int)
TEXT ·windowWeights(SB), NOSPLIT, $0-56
	MOVQ         ofVariance+0(FP), DI
	MOVQ         rest+8(FP), R8
	MOVQ         mean+16(FP), SI
	MOVQ         variance+24(FP), BX
	VBROADCASTSD c1+32(FP), Y13
	VBROADCASTSD c2+40(FP), Y14
	VBROADCASTSD one<>(SB), Y15
	MOVQ         n+48(FP), CX
	XORQ         AX, AX

loop:
	VMOVUPD (BX)(AX*8), Y0
	VADDPD  Y0, Y0, Y0
	VADDPD  Y14, Y0, Y0
	VDIVPD  Y0, Y15, Y0
	VMOVUPD Y0, (DI)(AX*8)
	VMOVUPD (SI)(AX*8), Y1
	VMULPD  Y1, Y1, Y1
	VADDPD  Y1, Y1, Y1
	VADDPD  Y13, Y1, Y1
	VDIVPD  Y1, Y15, Y1
	VSUBPD  Y0, Y1, Y1
	VMOVUPD Y1, (R8)(AX*8)
	ADDQ    $4, AX
	CMPQ    AX, CX
	JLT     loop
	VZEROUPPER
	RET
