#include "textflag.h"

// The functions are for an n that is a multiple of 4.

// func affine(dst, src *float32, factor, offset float64, n int)
TEXT ·affine(SB), NOSPLIT, $0-40
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	VBROADCASTSD factor+16(FP), Y1
	VBROADCASTSD offset+24(FP), Y2
	MOVQ         n+32(FP), CX
	XORQ         AX, AX

loop:
	VCVTPS2PD  (SI)(AX*4), Y0
	VMULPD     Y1, Y0, Y0
	VADDPD     Y2, Y0, Y0
	VCVTPD2PSY Y0, X0
	VMOVUPS    X0, (DI)(AX*4)
	ADDQ       $4, AX
	CMPQ       AX, CX
	JLT        loop
	VZEROUPPER
	RET

// func affinePlanes(a, b, c, src *float32, factors, offsets *[12]float64, n int)
//
// Four pixels are twelve values by turns, in three vectors: a b c a, b c a b and c a b c. Two of them are blended into another one
// so that it has all four values of a channel, which are then put in order.
TEXT ·affinePlanes(SB), NOSPLIT, $0-56
	MOVQ    a+0(FP), DI
	MOVQ    b+8(FP), R8
	MOVQ    c+16(FP), R9
	MOVQ    src+24(FP), SI
	MOVQ    factors+32(FP), BX
	MOVQ    offsets+40(FP), DX
	MOVQ    n+48(FP), CX
	VMOVUPD (BX), Y4
	VMOVUPD 32(BX), Y5
	VMOVUPD 64(BX), Y6
	VMOVUPD (DX), Y7
	VMOVUPD 32(DX), Y8
	VMOVUPD 64(DX), Y9
	XORQ    AX, AX

loop:
	VCVTPS2PD  (SI), Y0
	VCVTPS2PD  16(SI), Y1
	VCVTPS2PD  32(SI), Y2
	VMULPD     Y4, Y0, Y0
	VMULPD     Y5, Y1, Y1
	VMULPD     Y6, Y2, Y2
	VADDPD     Y7, Y0, Y0
	VADDPD     Y8, Y1, Y1
	VADDPD     Y9, Y2, Y2
	VCVTPD2PSY Y0, X0
	VCVTPD2PSY Y1, X1
	VCVTPD2PSY Y2, X2
	VBLENDPS   $4, X1, X0, X3
	VBLENDPS   $2, X2, X3, X3
	VPERMILPS  $0x6C, X3, X3
	VMOVUPS    X3, (DI)(AX*4)
	VBLENDPS   $2, X0, X1, X3
	VBLENDPS   $4, X2, X3, X3
	VPERMILPS  $0xB1, X3, X3
	VMOVUPS    X3, (R8)(AX*4)
	VBLENDPS   $2, X1, X2, X3
	VBLENDPS   $4, X0, X3, X3
	VPERMILPS  $0xC6, X3, X3
	VMOVUPS    X3, (R9)(AX*4)
	ADDQ       $48, SI
	ADDQ       $4, AX
	CMPQ       AX, CX
	JLT        loop
	VZEROUPPER
	RET
