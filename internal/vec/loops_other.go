//go:build !amd64

package vec

// There are no such functions for this processor; as vectors is false, none is called.
const elsewhere = "vec: a loop for another processor"

func addTimes(_, _ *float64, _ float64, _ int) { panic(elsewhere) }

func addTimesSingles(*float64, *float32, float64, int) { panic(elsewhere) }

func sumsOfProducts(*[8]float64, *float64, *float32, int) { panic(elsewhere) }

func combine(*float64, *[]float64, *float64, int, int) { panic(elsewhere) }

func dots(*[2][dotLanes]float64, *float64, *float64, *float64, int) { panic(elsewhere) }

func affine(_, _ *float32, _, _ float64, _ int) { panic(elsewhere) }

func affinePlanes(_, _, _, _ *float32, _, _ *[24]float64, _ int) { panic(elsewhere) }

func scaledChange(_ *float64, _, _ *float32, _ *float64, _ int) { panic(elsewhere) }

func changedBytes(_, _ *float32, _, _ *float64, _ float64, _ int) { panic(elsewhere) }

func clampedBytes(_, _, _ *float32, _ int) { panic(elsewhere) }

func blendedBytes(_, _, _ *float32, _ *float64, _ float64, _ int) { panic(elsewhere) }

func rootsOfShares(*float64, *float32, float32, int) { panic(elsewhere) }

func quotients(*float32, *float64, float64, int) { panic(elsewhere) }

func divided(_, _ *float32, _ int) { panic(elsewhere) }

func windowWeights(_, _, _, _ *float64, _, _ float64, _ int) { panic(elsewhere) }

func variances(_, _, _ *float64, _ int) { panic(elsewhere) }

func corners(*[4][cornerWeights]float64, *[cornerWeights]float64, *[cornerWeights]float64, *float64, *float64, *float32, *float32, *float32, int) {
	panic(elsewhere)
}

func corner(*float32, float64, float64, *float64, *float64, *float32, *float32, *float32, int) {
	panic(elsewhere)
}

func moments(_, _, _ *float64, _, _ *float32, _ int) { panic(elsewhere) }

func products(_ *float64, _, _ *float32, _ int) { panic(elsewhere) }

func losses(_, _, _, _, _ *float64, _, _ float64, _ int) { panic(elsewhere) }

func blur11(*float64, int, *[widestBlur]*float64, *float64) { panic(elsewhere) }

func wideAffinePlanes(_, _, _, _ *float32, _, _ *[24]float64, _ int) { panic(elsewhere) }

func wideMoments(_, _, _ *float64, _, _ *float32, _ int) { panic(elsewhere) }

func wideLosses(_, _, _, _, _ *float64, _, _ float64, _ int) { panic(elsewhere) }

func wideBlur11(*float64, int, *[widestBlur]*float64, *float64) { panic(elsewhere) }

func addNormals(_, _ *float32, _ *float64, _ float64, _ int) { panic(elsewhere) }

func multiplyNormals(_, _ *float32, _ *float64, _, _ float64, _ int) { panic(elsewhere) }

func hashBlocks(*[hashLanes]uint64, *byte, int) { panic(elsewhere) }

func wholesOf(*int32, *float32, int) { panic(elsewhere) }

func bytesOf(*byte, *float32, int) { panic(elsewhere) }

func bytesPlus(*byte, *float32, int, byte) bool { panic(elsewhere) }

func floatsOf(*float32, *byte, int) { panic(elsewhere) }

func weighTaps(*int32, int, *[7]*int32, *[4]int32) { panic(elsewhere) }

func bytesOfSums(*float32, *int32, int, int32, int32, uint64) { panic(elsewhere) }

func medians3(_, _ *byte, _, _ int) { panic(elsewhere) }

func medians5(_, _ *byte, _, _ int) { panic(elsewhere) }

func sortColumns7(_, _ *byte, _, _, _ int) { panic(elsewhere) }

func medians7(_, _ *byte, _, _ int) { panic(elsewhere) }
