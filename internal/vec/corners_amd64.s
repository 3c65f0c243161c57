#include "textflag.h"

// func corners(along *[4][cornerWeights]float64, weights, rest *[cornerWeights]float64, one, other *float64, base, low, high *float32, n int)
//
// Each number of a register is of another weight, so that sums stay in order.
TEXT ·corners(SB), NOSPLIT, $0-72
	MOVQ    along+0(FP), DI
	MOVQ    weights+8(FP), AX
	VMOVUPD (AX), Y14
	MOVQ    rest+16(FP), AX
	VMOVUPD (AX), Y15
	MOVQ    one+24(FP), SI
	MOVQ    other+32(FP), BX
	MOVQ    base+40(FP), DX
	MOVQ    low+48(FP), R8
	MOVQ    high+56(FP), R9
	MOVQ    n+64(FP), CX
	VMOVUPD (DI), Y10
	VMOVUPD 32(DI), Y11
	VMOVUPD 64(DI), Y12
	VMOVUPD 96(DI), Y13
	VXORPD  Y9, Y9, Y9
	XORQ    AX, AX

loop:
	VBROADCASTSD (SI)(AX*8), Y0
	VBROADCASTSD (BX)(AX*8), Y1
	VBROADCASTSS (DX)(AX*4), X2
	VBROADCASTSS (R8)(AX*4), X3
	VBROADCASTSS (R9)(AX*4), X4
	VSUBPS       X2, X3, X3
	VSUBPS       X2, X4, X4
	VCVTPS2PD    X3, Y3          // the way to low
	VCVTPS2PD    X4, Y4          // and to high
	VMULPD       Y0, Y14, Y5
	VMULPD       Y1, Y15, Y6
	VSUBPD       Y6, Y5, Y5
	VCMPPD       $30, Y9, Y5, Y5 // above 0
	VBLENDVPD    Y5, Y3, Y4, Y5
	VMULPD       Y1, Y14, Y6
	VMULPD       Y0, Y15, Y7
	VSUBPD       Y7, Y6, Y6
	VCMPPD       $30, Y9, Y6, Y6
	VBLENDVPD    Y6, Y3, Y4, Y6
	VMULPD       Y0, Y5, Y7
	VADDPD       Y7, Y10, Y10
	VMULPD       Y1, Y5, Y7
	VADDPD       Y7, Y11, Y11
	VMULPD       Y1, Y6, Y7
	VADDPD       Y7, Y12, Y12
	VMULPD       Y0, Y6, Y7
	VADDPD       Y7, Y13, Y13
	INCQ         AX
	CMPQ         AX, CX
	JLT          loop
	VMOVUPD      Y10, (DI)
	VMOVUPD      Y11, 32(DI)
	VMOVUPD      Y12, 64(DI)
	VMOVUPD      Y13, 96(DI)
	VZEROUPPER
	RET

// func corner(dst *float32, w, rest float64, one, other *float64, base, low, high *float32, n int)
//
// n is a multiple of 4.
TEXT ·corner(SB), NOSPLIT, $0-72
	MOVQ         dst+0(FP), DI
	VBROADCASTSD w+8(FP), Y14
	VBROADCASTSD rest+16(FP), Y15
	MOVQ         one+24(FP), SI
	MOVQ         other+32(FP), BX
	MOVQ         base+40(FP), DX
	MOVQ         low+48(FP), R8
	MOVQ         high+56(FP), R9
	MOVQ         n+64(FP), CX
	VXORPD       Y9, Y9, Y9
	XORQ         AX, AX

loop:
	VMULPD       (SI)(AX*8), Y14, Y0
	VMULPD       (BX)(AX*8), Y15, Y1
	VSUBPD       Y1, Y0, Y0
	VCMPPD       $30, Y9, Y0, Y1     // above 0
	VCMPPD       $17, Y9, Y0, Y2     // below 0
	VEXTRACTF128 $1, Y1, X3
	VSHUFPS      $0x88, X3, X1, X1   // half of each comparison is as wide as the values
	VEXTRACTF128 $1, Y2, X3
	VSHUFPS      $0x88, X3, X2, X2
	VMOVUPS      (DX)(AX*4), X4
	VMOVUPS      (R8)(AX*4), X5
	VMOVUPS      (R9)(AX*4), X6
	VBLENDVPS    X1, X5, X4, X4
	VBLENDVPS    X2, X6, X4, X4
	VMOVUPS      X4, (DI)(AX*4)
	ADDQ         $4, AX
	CMPQ         AX, CX
	JLT          loop
	VZEROUPPER
	RET
