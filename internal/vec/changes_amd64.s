#include "textflag.h"

// The functions are for an n that is a multiple of 4.

// func addTimes(dst, v *float64, k float64, n int)
TEXT ·addTimes(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         v+8(FP), SI
	VBROADCASTSD k+16(FP), Y1
	MOVQ         n+24(FP), CX
	XORQ         AX, AX

loop:
	VMULPD  (SI)(AX*8), Y1, Y0
	VADDPD  (DI)(AX*8), Y0, Y0
	VMOVUPD Y0, (DI)(AX*8)
	ADDQ    $4, AX
	CMPQ    AX, CX
	JLT     loop
	VZEROUPPER
	RET

// func addTimesSingles(dst *float64, v *float32, k float64, n int)
TEXT ·addTimesSingles(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         v+8(FP), SI
	VBROADCASTSD k+16(FP), Y1
	MOVQ         n+24(FP), CX
	XORQ         AX, AX

loop:
	VCVTPS2PD (SI)(AX*4), Y0
	VMULPD    Y0, Y1, Y0
	VADDPD    (DI)(AX*8), Y0, Y0
	VMOVUPD   Y0, (DI)(AX*8)
	ADDQ      $4, AX
	CMPQ      AX, CX
	JLT       loop
	VZEROUPPER
	RET

// func sumsOfProducts(sums *[8]float64, a *float64, b *float32, n int)
TEXT ·sumsOfProducts(SB), NOSPLIT, $0-32
	MOVQ   sums+0(FP), DI
	MOVQ   a+8(FP), SI
	MOVQ   b+16(FP), BX
	MOVQ   n+24(FP), CX
	XORQ   AX, AX
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3

loop:
	VCVTPS2PD (BX)(AX*4), Y0
	VCVTPS2PD 16(BX)(AX*4), Y1
	VMULPD    (SI)(AX*8), Y0, Y0
	VMULPD    32(SI)(AX*8), Y1, Y1
	VADDPD    Y0, Y2, Y2
	VADDPD    Y1, Y3, Y3
	ADDQ      $8, AX
	CMPQ      AX, CX
	JLT       loop
	VMOVUPD   Y2, (DI)
	VMOVUPD   Y3, 32(DI)
	VZEROUPPER
	RET

// func scaledChange(u *float64, in, from *float32, scale *float64, n int)
TEXT ·scaledChange(SB), NOSPLIT, $0-40
	MOVQ u+0(FP), DI
	MOVQ in+8(FP), SI
	MOVQ from+16(FP), BX
	MOVQ scale+24(FP), DX
	MOVQ n+32(FP), CX
	XORQ AX, AX

loop:
	VMOVUPS   (SI)(AX*4), X0
	VSUBPS    (BX)(AX*4), X0, X0
	VCVTPS2PD X0, Y0
	VDIVPD    (DX)(AX*8), Y0, Y0
	VMOVUPD   Y0, (DI)(AX*8)
	ADDQ      $4, AX
	CMPQ      AX, CX
	JLT       loop
	VZEROUPPER
	RET

DATA highest<>+0(SB)/4, $255.0
GLOBL highest<>(SB), RODATA|NOPTR, $4

DATA half<>+0(SB)/8, $0.5
GLOBL half<>(SB), RODATA|NOPTR, $8

// func changedBytes(out, from *float32, u, scale *float64, t float64, n int)
//
// It rounds as nearestByte: to the lowest value what is not above it, or no number, and otherwise by cutting off the
// fraction half a step further up.
TEXT ·changedBytes(SB), NOSPLIT, $0-48
	MOVQ         out+0(FP), DI
	MOVQ         from+8(FP), SI
	MOVQ         u+16(FP), BX
	MOVQ         scale+24(FP), DX
	VBROADCASTSD t+32(FP), Y12
	VBROADCASTSS highest<>(SB), X13
	VBROADCASTSD half<>(SB), Y14
	VXORPS       X15, X15, X15
	MOVQ         n+40(FP), CX
	XORQ         AX, AX

loop:
	VMULPD      (BX)(AX*8), Y12, Y0
	VMULPD      (DX)(AX*8), Y0, Y0
	VCVTPS2PD   (SI)(AX*4), Y1
	VADDPD      Y0, Y1, Y0
	VCVTPD2PSY  Y0, X0
	VMAXPS      X15, X0, X0         // 0 for NaN: the second operand, in Intel's order
	VMINPS      X13, X0, X0
	VCVTPS2PD   X0, Y0
	VADDPD      Y14, Y0, Y0
	VCVTTPD2DQY Y0, X0
	VCVTDQ2PS   X0, X0
	VMOVUPS     X0, (DI)(AX*4)
	ADDQ        $4, AX
	CMPQ        AX, CX
	JLT         loop
	VZEROUPPER
	RET

DATA one<>+0(SB)/4, $1.0
GLOBL one<>(SB), RODATA|NOPTR, $4

DATA halfSingle<>+0(SB)/4, $0.5
GLOBL halfSingle<>(SB), RODATA|NOPTR, $4

// func clampedBytes(values, low, high *float32, n int)
//
// It rounds as changedBytes: what is cut off is exact, so that it tells which way to round. n is a multiple of 8.
TEXT ·clampedBytes(SB), NOSPLIT, $0-32
	MOVQ         values+0(FP), DI
	MOVQ         low+8(FP), SI
	MOVQ         high+16(FP), BX
	MOVQ         n+24(FP), CX
	VBROADCASTSS one<>(SB), Y12
	VBROADCASTSS highest<>(SB), Y13
	VBROADCASTSS halfSingle<>(SB), Y14
	VXORPS       Y15, Y15, Y15
	XORQ         AX, AX

loop:
	VMOVUPS  (DI)(AX*4), Y0
	VMAXPS   Y15, Y0, Y0
	VMINPS   Y13, Y0, Y0
	VROUNDPS $3, Y0, Y1
	VSUBPS   Y1, Y0, Y0
	VCMPPS   $13, Y14, Y0, Y0 // at least a half
	VANDPS   Y12, Y0, Y0
	VADDPS   Y1, Y0, Y0
	VMAXPS   (SI)(AX*4), Y0, Y0
	VMINPS   (BX)(AX*4), Y0, Y0
	VMOVUPS  Y0, (DI)(AX*4)
	ADDQ     $8, AX
	CMPQ     AX, CX
	JLT      loop
	VZEROUPPER
	RET

// func blendedBytes(out, from, to *float32, waits *float64, t float64, n int)
TEXT ·blendedBytes(SB), NOSPLIT, $0-48
	MOVQ         out+0(FP), DI
	MOVQ         from+8(FP), SI
	MOVQ         to+16(FP), BX
	MOVQ         waits+24(FP), DX
	VBROADCASTSD t+32(FP), Y12
	VBROADCASTSS highest<>(SB), X13
	VXORPS       X15, X15, X15
	MOVQ         n+40(FP), CX
	XORQ         AX, AX

loop:
	VMOVUPS    (SI)(AX*4), X0
	VMOVUPS    (BX)(AX*4), X1
	VCMPPS     $0, X0, X1, X4
	VSUBPS     X0, X1, X1
	VCVTPS2PD  X1, Y1
	VMULPD     Y12, Y1, Y1
	VADDPD     (DX)(AX*8), Y1, Y1
	VROUNDPD   $1, Y1, Y1
	VCVTPD2PSY Y1, X1
	VADDPS     X1, X0, X1
	VMAXPS     X15, X1, X1
	VMINPS     X13, X1, X1
	VBLENDVPS  X4, X0, X1, X1 // what has no way to go stays
	VMOVUPS    X1, (DI)(AX*4)
	ADDQ       $4, AX
	CMPQ       AX, CX
	JLT        loop
	VZEROUPPER
	RET
