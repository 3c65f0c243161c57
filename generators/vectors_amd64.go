package generators

import "golang.org/x/sys/cpu"

// vectors says whether the processor works on many values at once. Functions that do so give what the loops give that
// they stand for.
var vectors = cpu.X86.HasAVX2
