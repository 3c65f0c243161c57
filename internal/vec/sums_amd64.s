#include "textflag.h"

// The functions work on 8 values at once. n is 8 or more; where it is no multiple of that, the last values of the last
// but one step are made twice.

// NEXT goes to the next values and, when there are less than 8 more, to the last 8; it ends at done. AX counts values,
// and DX is where the last 8 begin.
#define NEXT(loop, done) \
	CMPQ AX, DX \
	JGE  done   \
	ADDQ $8, AX \
	CMPQ AX, DX \
	JLE  loop   \
	MOVQ DX, AX \
	JMP  loop

// func wholesOf(to *int32, from *float32, n int)
TEXT ·wholesOf(SB), NOSPLIT, $0-24
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ n+16(FP), DX
	SUBQ $8, DX
	XORQ AX, AX

loop:
	VCVTTPS2DQ (SI)(AX*4), Y0
	VMOVDQU    Y0, (DI)(AX*4)
	NEXT(loop, done)

done:
	VZEROUPPER
	RET

// func bytesOf(to *byte, from *float32, n int)
TEXT ·bytesOf(SB), NOSPLIT, $0-24
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ n+16(FP), DX
	SUBQ $8, DX
	XORQ AX, AX

loop:
	VCVTTPS2DQ   (SI)(AX*4), Y0
	VEXTRACTI128 $1, Y0, X1
	VPACKUSDW    X1, X0, X0
	VPACKUSWB    X0, X0, X0
	VMOVQ        X0, (DI)(AX*1)
	NEXT(loop, done)

done:
	VZEROUPPER
	RET

// func bytesPlus(to *byte, from *float32, n int, add byte) bool
// Y4 gathers what is no byte: bits above the lowest 8, and values that are not the same as whole numbers.
TEXT ·bytesPlus(SB), NOSPLIT, $0-33
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ n+16(FP), DX
	SUBQ $8, DX
	XORQ AX, AX

	VPBROADCASTB add+24(FP), X3
	VPXOR        Y4, Y4, Y4

loop:
	VMOVUPS      (SI)(AX*4), Y1
	VCVTTPS2DQ   Y1, Y0
	VCVTDQ2PS    Y0, Y2
	VCMPPS       $4, Y1, Y2, Y2     // unequal, or not a number
	VPOR         Y2, Y4, Y4
	VPSRLD       $8, Y0, Y2
	VPOR         Y2, Y4, Y4
	VEXTRACTI128 $1, Y0, X1
	VPACKUSDW    X1, X0, X0
	VPACKUSWB    X0, X0, X0
	VPADDB       X3, X0, X0
	VMOVQ        X0, (DI)(AX*1)
	NEXT(loop, done)

done:
	VPTEST Y4, Y4
	SETEQ  ret+32(FP)
	VZEROUPPER
	RET

// func floatsOf(to *float32, from *byte, n int)
TEXT ·floatsOf(SB), NOSPLIT, $0-24
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ n+16(FP), DX
	SUBQ $8, DX
	XORQ AX, AX

loop:
	VPMOVZXBD (SI)(AX*1), Y0
	VCVTDQ2PS Y0, Y0
	VMOVUPS   Y0, (DI)(AX*4)
	NEXT(loop, done)

done:
	VZEROUPPER
	RET

// func bytesOfSums(out *float32, sums *int32, n int, add, factor int32, shift uint64)
TEXT ·bytesOfSums(SB), NOSPLIT, $0-40
	MOVQ         out+0(FP), DI
	MOVQ         sums+8(FP), SI
	MOVQ         n+16(FP), DX
	MOVL         add+24(FP), AX
	VMOVD        AX, X1
	VPBROADCASTD X1, Y1
	MOVL         factor+28(FP), AX
	VMOVD        AX, X2
	VPBROADCASTD X2, Y2
	MOVQ         shift+32(FP), AX
	VMOVQ        AX, X3
	SUBQ         $8, DX
	XORQ         AX, AX

loop:
	VPADDD    (SI)(AX*4), Y1, Y0
	VPMULLD   Y2, Y0, Y0
	VPSRAD    X3, Y0, Y0
	VCVTDQ2PS Y0, Y0
	VMOVUPS   Y0, (DI)(AX*4)
	NEXT(loop, done)

done:
	VZEROUPPER
	RET

// func weighTaps(sums *int32, n int, taps *[7]*int32, weights *[4]int32)
//
// taps are the middle one and pairs of those around it, from the middle outwards.
TEXT ·weighTaps(SB), NOSPLIT, $0-32
	MOVQ         weights+24(FP), AX
	VPBROADCASTD 0(AX), Y4
	VPBROADCASTD 4(AX), Y5
	VPBROADCASTD 8(AX), Y6
	VPBROADCASTD 12(AX), Y7
	MOVQ         taps+16(FP), AX
	MOVQ         0(AX), BX
	MOVQ         8(AX), CX
	MOVQ         16(AX), R8
	MOVQ         24(AX), R9
	MOVQ         32(AX), R10
	MOVQ         40(AX), R11
	MOVQ         48(AX), R12
	MOVQ         sums+0(FP), DI
	MOVQ         n+8(FP), DX
	SUBQ         $8, DX
	XORQ         AX, AX

loop:
	VPMULLD (BX)(AX*4), Y4, Y0
	VMOVDQU (CX)(AX*4), Y1
	VPADDD  (R8)(AX*4), Y1, Y1
	VPMULLD Y5, Y1, Y1
	VPADDD  Y1, Y0, Y0
	VMOVDQU (R9)(AX*4), Y2
	VPADDD  (R10)(AX*4), Y2, Y2
	VPMULLD Y6, Y2, Y2
	VPADDD  Y2, Y0, Y0
	VMOVDQU (R11)(AX*4), Y3
	VPADDD  (R12)(AX*4), Y3, Y3
	VPMULLD Y7, Y3, Y3
	VPADDD  Y3, Y0, Y0
	VMOVDQU Y0, (DI)(AX*4)
	NEXT(loop, done)

done:
	VZEROUPPER
	RET
