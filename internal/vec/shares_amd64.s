#include "textflag.h"

// The functions are for an n that is a multiple of 4, or of 8 for divided.

// func rootsOfShares(dst *float64, of *float32, least float32, n int)
TEXT ·rootsOfShares(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         of+8(FP), SI
	VBROADCASTSS least+16(FP), X1
	MOVQ         n+24(FP), CX
	XORQ         AX, AX

loop:
	VMAXPS    (SI)(AX*4), X1, X0
	VDIVPS    X0, X1, X0
	VCVTPS2PD X0, Y0
	VSQRTPD   Y0, Y0
	VMOVUPD   Y0, (DI)(AX*8)
	ADDQ      $4, AX
	CMPQ      AX, CX
	JLT       loop
	VZEROUPPER
	RET

// func quotients(dst *float32, values *float64, by float64, n int)
TEXT ·quotients(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         values+8(FP), SI
	VBROADCASTSD by+16(FP), Y1
	MOVQ         n+24(FP), CX
	XORQ         AX, AX

loop:
	VMOVUPD    (SI)(AX*8), Y0
	VDIVPD     Y1, Y0, Y0
	VCVTPD2PSY Y0, X0
	VMOVUPS    X0, (DI)(AX*4)
	ADDQ       $4, AX
	CMPQ       AX, CX
	JLT        loop
	VZEROUPPER
	RET

// func divided(values, by *float32, n int)
TEXT ·divided(SB), NOSPLIT, $0-24
	MOVQ values+0(FP), DI
	MOVQ by+8(FP), SI
	MOVQ n+16(FP), CX
	XORQ AX, AX

loop:
	VMOVUPS (DI)(AX*4), Y0
	VDIVPS  (SI)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     loop
	VZEROUPPER
	RET
