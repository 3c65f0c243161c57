#include "textflag.h"

// Both functions are for an even n.

// func scaledChange(u *float64, in, seed *float32, scale *float64, n int)
TEXT ·scaledChange(SB), NOSPLIT, $0-40
	MOVQ u+0(FP), DI
	MOVQ in+8(FP), SI
	MOVQ seed+16(FP), BX
	MOVQ scale+24(FP), DX
	MOVQ n+32(FP), CX
	XORQ AX, AX

loop:
	MOVSD    (SI)(AX*4), X0
	MOVSD    (BX)(AX*4), X1
	SUBPS    X1, X0
	CVTPS2PD X0, X0
	MOVUPD   (DX)(AX*8), X1
	DIVPD    X1, X0
	MOVUPD   X0, (DI)(AX*8)
	ADDQ     $2, AX
	CMPQ     AX, CX
	JLT      loop
	RET

DATA highest<>+0(SB)/4, $255.0
DATA highest<>+4(SB)/4, $255.0
DATA highest<>+8(SB)/4, $255.0
DATA highest<>+12(SB)/4, $255.0
GLOBL highest<>(SB), RODATA|NOPTR, $16

DATA half<>+0(SB)/8, $0.5
DATA half<>+8(SB)/8, $0.5
GLOBL half<>(SB), RODATA|NOPTR, $16

// func changedBytes(out, seed *float32, u, scale *float64, t float64, n int)
//
// It rounds as Bytes.Snap: to the lowest value what is not above it, or no number, and otherwise by cutting off the
// fraction half a step further up.
TEXT ·changedBytes(SB), NOSPLIT, $0-48
	MOVUPS   highest<>(SB), X13
	MOVUPD   half<>(SB), X14
	MOVQ     out+0(FP), DI
	MOVQ     seed+8(FP), SI
	MOVQ     u+16(FP), BX
	MOVQ     scale+24(FP), DX
	MOVSD    t+32(FP), X12
	UNPCKLPD X12, X12
	MOVQ     n+40(FP), CX
	XORPS    X15, X15
	XORQ     AX, AX

loop:
	MOVUPD    (BX)(AX*8), X0
	MULPD     X12, X0
	MOVUPD    (DX)(AX*8), X1
	MULPD     X1, X0
	MOVSD     (SI)(AX*4), X2
	CVTPS2PD  X2, X2
	ADDPD     X2, X0
	CVTPD2PS  X0, X0
	MAXPS     X15, X0         // 0 for NaN: the second operand, in Intel's order
	MINPS     X13, X0
	CVTPS2PD  X0, X0
	ADDPD     X14, X0
	CVTTPD2PL X0, X0
	CVTPL2PS  X0, X0
	MOVSD     X0, (DI)(AX*4)
	ADDQ      $2, AX
	CMPQ      AX, CX
	JLT       loop
	RET
