#include "textflag.h"

// The functions do the same as those without "wide" in their names, with the 64 bytes of AVX-512 in place of 32: but for wideBlur11, for an n that is a
// multiple of 8.

// func wideMoments(d, squares, products *float64, a, b *float32, n int)
TEXT ·wideMoments(SB), NOSPLIT, $0-48
	MOVQ d+0(FP), DI
	MOVQ squares+8(FP), R8
	MOVQ products+16(FP), R9
	MOVQ a+24(FP), SI
	MOVQ b+32(FP), BX
	MOVQ n+40(FP), CX
	XORQ AX, AX

loop:
	VCVTPS2PD (SI)(AX*4), Z0
	VCVTPS2PD (BX)(AX*4), Z1
	VSUBPD    Z0, Z1, Z1
	VMOVUPD   Z1, (DI)(AX*8)
	VMULPD    Z1, Z0, Z0
	VMOVUPD   Z0, (R9)(AX*8)
	VMULPD    Z1, Z1, Z1
	VMOVUPD   Z1, (R8)(AX*8)
	ADDQ      $8, AX
	CMPQ      AX, CX
	JLT       loop
	VZEROUPPER
	RET

// func wideLosses(shifts, squares, products, mean, variance *float64, c1, c2 float64, n int)
TEXT ·wideLosses(SB), NOSPLIT, $0-64
	MOVQ         shifts+0(FP), DI
	MOVQ         squares+8(FP), R8
	MOVQ         products+16(FP), R9
	MOVQ         mean+24(FP), SI
	MOVQ         variance+32(FP), BX
	VBROADCASTSD c1+40(FP), Z13
	VBROADCASTSD c2+48(FP), Z14
	MOVQ         n+56(FP), CX
	VPXORQ       Z15, Z15, Z15
	XORQ         AX, AX

loop:
	VMOVUPD (DI)(AX*8), Z0     // shift
	VMOVUPD (SI)(AX*8), Z1     // mean
	VMULPD  Z0, Z0, Z2         // shift squared
	VMOVUPD (R8)(AX*8), Z3
	VSUBPD  Z2, Z3, Z3
	VMAXPD  Z15, Z3, Z3        // spread
	VMULPD  Z0, Z1, Z4
	VMOVUPD (R9)(AX*8), Z5
	VSUBPD  Z4, Z5, Z5         // covariance
	VADDPD  Z1, Z0, Z0
	VMULPD  Z1, Z0, Z0
	VADDPD  Z0, Z0, Z0
	VADDPD  Z13, Z0, Z0        // like
	VADDPD  (BX)(AX*8), Z5, Z5
	VADDPD  Z5, Z5, Z5
	VADDPD  Z14, Z5, Z5        // covary
	VADDPD  Z3, Z5, Z5         // covary + spread
	VMULPD  Z0, Z3, Z3
	VADDPD  Z2, Z0, Z0
	VMULPD  Z5, Z0, Z0
	VMULPD  Z5, Z2, Z2
	VADDPD  Z2, Z3, Z3
	VDIVPD  Z0, Z3, Z3
	VMOVUPD Z3, (DI)(AX*8)
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     loop
	VZEROUPPER
	RET

// WIDETAPS sets a register to the weighted sum of two taps.
#define WIDETAPS(p, q, weight, to) \
	VMOVUPD (p)(R15*8), to     \
	VADDPD  (q)(R15*8), to, to \
	VMULPD  weight, to, to

// func wideBlur11(dst *float64, n int, taps *[11]*float64, kernel *float64)
//
// It is blur11 for an n of 8 or more, with eight sums at once.
TEXT ·wideBlur11(SB), NOSPLIT, $0-32
	MOVQ         kernel+24(FP), CX
	VBROADCASTSD 0(CX), Z10
	VBROADCASTSD 8(CX), Z11
	VBROADCASTSD 16(CX), Z12
	VBROADCASTSD 24(CX), Z13
	VBROADCASTSD 32(CX), Z14
	VBROADCASTSD 40(CX), Z15
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
	SUBQ         $8, R14 // where the last step begins
	XORQ         R15, R15

loop:
	VMULPD  (DI)(R15*8), Z10, Z0
	WIDETAPS(SI, R8, Z11, Z1)
	VADDPD  Z1, Z0, Z0
	WIDETAPS(DX, R9, Z12, Z2)
	WIDETAPS(CX, R10, Z13, Z3)
	VADDPD  Z3, Z2, Z2
	VADDPD  Z2, Z0, Z0
	WIDETAPS(BX, R11, Z14, Z4)
	WIDETAPS(AX, R12, Z15, Z5)
	VADDPD  Z5, Z4, Z4
	VADDPD  Z4, Z0, Z0
	VMOVUPD Z0, (R13)(R15*8)
	CMPQ    R15, R14
	JGE     done
	ADDQ    $8, R15
	CMPQ    R15, R14
	JLE     loop
	MOVQ    R14, R15
	JMP     loop

done:
	VZEROUPPER
	RET

DATA firsts<>+0(SB)/8, $0x0000000300000000
DATA firsts<>+8(SB)/8, $0x0000000100000006
DATA firsts<>+16(SB)/8, $0x0000000700000004
DATA firsts<>+24(SB)/8, $0x0000000500000002
GLOBL firsts<>(SB), RODATA|NOPTR, $32

DATA seconds<>+0(SB)/8, $0x0000000400000001
DATA seconds<>+8(SB)/8, $0x0000000200000007
DATA seconds<>+16(SB)/8, $0x0000000000000005
DATA seconds<>+24(SB)/8, $0x0000000600000003
GLOBL seconds<>(SB), RODATA|NOPTR, $32

DATA thirds<>+0(SB)/8, $0x0000000500000002
DATA thirds<>+8(SB)/8, $0x0000000300000000
DATA thirds<>+16(SB)/8, $0x0000000100000006
DATA thirds<>+24(SB)/8, $0x0000000700000004
GLOBL thirds<>(SB), RODATA|NOPTR, $32

// func wideAffinePlanes(a, b, c, src *float32, factors, offsets *[24]float64, n int)
//
// Eight pixels are 24 values by turns, in three vectors that begin with a, c and b. Every vector that is blended of the three has all eight
// values of a channel, which are then put in order.
TEXT ·wideAffinePlanes(SB), NOSPLIT, $0-56
	MOVQ    a+0(FP), DI
	MOVQ    b+8(FP), R8
	MOVQ    c+16(FP), R9
	MOVQ    src+24(FP), SI
	MOVQ    factors+32(FP), BX
	MOVQ    offsets+40(FP), DX
	MOVQ    n+48(FP), CX
	VMOVUPD (BX), Z4
	VMOVUPD 64(BX), Z5
	VMOVUPD 128(BX), Z6
	VMOVUPD (DX), Z7
	VMOVUPD 64(DX), Z8
	VMOVUPD 128(DX), Z9
	VMOVUPS firsts<>(SB), Y10
	VMOVUPS seconds<>(SB), Y11
	VMOVUPS thirds<>(SB), Y12
	XORQ    AX, AX

loop:
	VCVTPS2PD (SI), Z0
	VCVTPS2PD 32(SI), Z1
	VCVTPS2PD 64(SI), Z2
	VMULPD    Z4, Z0, Z0
	VMULPD    Z5, Z1, Z1
	VMULPD    Z6, Z2, Z2
	VADDPD    Z7, Z0, Z0
	VADDPD    Z8, Z1, Z1
	VADDPD    Z9, Z2, Z2
	VCVTPD2PS Z0, Y0
	VCVTPD2PS Z1, Y1
	VCVTPD2PS Z2, Y2
	VBLENDPS  $0x92, Y1, Y0, Y3
	VBLENDPS  $0x24, Y2, Y3, Y3
	VPERMPS   Y3, Y10, Y3
	VMOVUPS   Y3, (DI)(AX*4)
	VBLENDPS  $0x24, Y1, Y0, Y3
	VBLENDPS  $0x49, Y2, Y3, Y3
	VPERMPS   Y3, Y11, Y3
	VMOVUPS   Y3, (R8)(AX*4)
	VBLENDPS  $0x49, Y1, Y0, Y3
	VBLENDPS  $0x92, Y2, Y3, Y3
	VPERMPS   Y3, Y12, Y3
	VMOVUPS   Y3, (R9)(AX*4)
	ADDQ      $96, SI
	ADDQ      $8, AX
	CMPQ      AX, CX
	JLT       loop
	VZEROUPPER
	RET
