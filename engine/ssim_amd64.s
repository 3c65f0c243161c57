#include "textflag.h"

// func moments(d, squares, products *float64, a, b *float32, n int)
//
// n is even.
TEXT ·moments(SB), NOSPLIT, $0-48
	MOVQ d+0(FP), DI
	MOVQ squares+8(FP), R8
	MOVQ products+16(FP), R9
	MOVQ a+24(FP), SI
	MOVQ b+32(FP), BX
	MOVQ n+40(FP), CX
	XORQ AX, AX

loop:
	MOVSD    (SI)(AX*4), X0
	CVTPS2PD X0, X0
	MOVSD    (BX)(AX*4), X1
	CVTPS2PD X1, X1
	SUBPD    X0, X1
	MULPD    X1, X0
	MOVUPD   X1, (DI)(AX*8)
	MULPD    X1, X1
	MOVUPD   X1, (R8)(AX*8)
	MOVUPD   X0, (R9)(AX*8)
	ADDQ     $2, AX
	CMPQ     AX, CX
	JLT      loop
	RET

// func losses(shifts, squares, products, mean, variance *float64, c1, c2 float64, n int)
//
// n is even.
TEXT ·losses(SB), NOSPLIT, $0-64
	MOVQ     shifts+0(FP), DI
	MOVQ     squares+8(FP), R8
	MOVQ     products+16(FP), R9
	MOVQ     mean+24(FP), SI
	MOVQ     variance+32(FP), BX
	MOVSD    c1+40(FP), X13
	UNPCKLPD X13, X13
	MOVSD    c2+48(FP), X14
	UNPCKLPD X14, X14
	MOVQ     n+56(FP), CX
	XORPS    X15, X15
	XORQ     AX, AX

loop:
	MOVUPD (DI)(AX*8), X0 // shift
	MOVUPD (SI)(AX*8), X1 // mean
	MOVAPD X0, X2
	MULPD  X0, X2         // shift squared
	MOVUPD (R8)(AX*8), X3
	SUBPD  X2, X3
	MAXPD  X15, X3        // spread
	MOVAPD X1, X4
	MULPD  X0, X4
	MOVUPD (R9)(AX*8), X5
	SUBPD  X4, X5         // covariance
	ADDPD  X1, X0
	MULPD  X1, X0
	ADDPD  X0, X0
	ADDPD  X13, X0        // like
	MOVUPD (BX)(AX*8), X6
	ADDPD  X6, X5
	ADDPD  X5, X5
	ADDPD  X14, X5        // covary
	ADDPD  X3, X5         // covary + spread
	MULPD  X0, X3
	ADDPD  X2, X0
	MULPD  X5, X0
	MULPD  X5, X2
	ADDPD  X2, X3
	DIVPD  X0, X3
	MOVUPD X3, (DI)(AX*8)
	ADDQ   $2, AX
	CMPQ   AX, CX
	JLT    loop
	RET

// WEIGHT sets both halves of a register to a weight of the kernel.
#define WEIGHT(at, to) \
	MOVSD    at(CX), to \
	UNPCKLPD to, to

// TAPS sets a register to the weighted sum of two taps. It changes X2.
#define TAPS(p, q, weight, to) \
	MOVUPD (p)(R15*8), to \
	MOVUPD (q)(R15*8), X2 \
	ADDPD  X2, to         \
	MULPD  weight, to

// func blur11(dst *float64, n int, taps *[11]*float64, kernel *float64)
//
// kernel is the weight of the middle, followed by those of the others outwards. n is 2 or more; when it is odd, the last
// but one sum is made twice.
TEXT ·blur11(SB), NOSPLIT, $0-32
	MOVQ kernel+24(FP), CX
	WEIGHT(0, X10)
	WEIGHT(8, X11)
	WEIGHT(16, X12)
	WEIGHT(24, X13)
	WEIGHT(32, X14)
	WEIGHT(40, X15)
	MOVQ taps+16(FP), R15
	MOVQ 0(R15), AX
	MOVQ 8(R15), BX
	MOVQ 16(R15), CX
	MOVQ 24(R15), DX
	MOVQ 32(R15), SI
	MOVQ 40(R15), DI
	MOVQ 48(R15), R8
	MOVQ 56(R15), R9
	MOVQ 64(R15), R10
	MOVQ 72(R15), R11
	MOVQ 80(R15), R12
	MOVQ dst+0(FP), R13
	MOVQ n+8(FP), R14
	SUBQ $2, R14 // where the last pair begins
	XORQ R15, R15

pair:
	MOVUPD (DI)(R15*8), X0
	MULPD  X10, X0
	TAPS(SI, R8, X11, X1)
	ADDPD  X1, X0
	TAPS(DX, R9, X12, X3)
	TAPS(CX, R10, X13, X4)
	ADDPD  X4, X3
	ADDPD  X3, X0
	TAPS(BX, R11, X14, X5)
	TAPS(AX, R12, X15, X6)
	ADDPD  X6, X5
	ADDPD  X5, X0
	MOVUPD X0, (R13)(R15*8)
	CMPQ   R15, R14
	JGE    done
	ADDQ   $2, R15
	CMPQ   R15, R14
	JLE    pair
	MOVQ   R14, R15
	JMP    pair

done:
	RET
