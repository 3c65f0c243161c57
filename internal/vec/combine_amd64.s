#include "textflag.h"

// func combine(dst *float64, rows *[]float64, weights *float64, count, n int)
//
// n is a multiple of 4. Sixteen sums at a time do not wait for each other; those that are left are made four at a time.
TEXT ·combine(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ weights+16(FP), BX
	MOVQ count+24(FP), DX
	MOVQ n+32(FP), CX
	XORQ AX, AX

sixteen:
	LEAQ         16(AX), R8
	CMPQ         R8, CX
	JGT          four
	MOVQ         (SI), R9
	VBROADCASTSD (BX), Y4
	VMULPD       (R9)(AX*8), Y4, Y0
	VMULPD       32(R9)(AX*8), Y4, Y1
	VMULPD       64(R9)(AX*8), Y4, Y2
	VMULPD       96(R9)(AX*8), Y4, Y3
	MOVQ         SI, R10
	MOVQ         $1, R11
	JMP          enough

row:
	ADDQ         $24, R10 // the next slice
	MOVQ         (R10), R9
	VBROADCASTSD (BX)(R11*8), Y4
	VMULPD       (R9)(AX*8), Y4, Y5
	VMULPD       32(R9)(AX*8), Y4, Y6
	VMULPD       64(R9)(AX*8), Y4, Y7
	VMULPD       96(R9)(AX*8), Y4, Y8
	VADDPD       Y5, Y0, Y0
	VADDPD       Y6, Y1, Y1
	VADDPD       Y7, Y2, Y2
	VADDPD       Y8, Y3, Y3
	INCQ         R11

enough:
	CMPQ    R11, DX
	JLT     row
	VMOVUPD Y0, (DI)(AX*8)
	VMOVUPD Y1, 32(DI)(AX*8)
	VMOVUPD Y2, 64(DI)(AX*8)
	VMOVUPD Y3, 96(DI)(AX*8)
	MOVQ    R8, AX
	JMP     sixteen

four:
	CMPQ         AX, CX
	JGE          done
	MOVQ         (SI), R9
	VBROADCASTSD (BX), Y4
	VMULPD       (R9)(AX*8), Y4, Y0
	MOVQ         SI, R10
	MOVQ         $1, R11
	JMP          fourEnough

fourRow:
	ADDQ         $24, R10
	MOVQ         (R10), R9
	VBROADCASTSD (BX)(R11*8), Y4
	VMULPD       (R9)(AX*8), Y4, Y5
	VADDPD       Y5, Y0, Y0
	INCQ         R11

fourEnough:
	CMPQ    R11, DX
	JLT     fourRow
	VMOVUPD Y0, (DI)(AX*8)
	ADDQ    $4, AX
	JMP     four

done:
	VZEROUPPER
	RET
