#include "textflag.h"

// func hasAVX() bool
//
// The processor has to know AVX, and the system to keep its registers.
TEXT ·hasAVX(SB), NOSPLIT, $0-1
	MOVB $0, ret+0(FP)
	MOVL $1, AX
	XORL CX, CX
	CPUID
	ANDL $(1<<27|1<<28), CX // XGETBV may be used; AVX
	CMPL CX, $(1<<27|1<<28)
	JNE  done
	XORL CX, CX
	XGETBV
	ANDL $6, AX
	CMPL AX, $6
	JNE  done
	MOVB $1, ret+0(FP)

done:
	RET
