package distance

import (
	"math"

	"github.com/triggerfinder/triggerfinder/input"
)

// ScaledL1 is how far two rows of the same columns are from each other: the mean over all columns of the change as a share of the
// column's range, where another category counts as 1. It is 0 for equal rows and 1 at most. [Distance].L0 is the number of
// changed columns.
func ScaledL1(a, b input.Input) float64 {
	if len(a.Data) != len(b.Data) {
		return math.Inf(1)
	}
	var far float64
	for i, v := range a.Data {
		if v == b.Data[i] {
			continue
		}
		if a.Categorical(i) {
			far++
			continue
		}
		far += math.Abs(float64(v)-float64(b.Data[i])) / float64(a.DomainAt(i).Range())
	}
	return far / float64(max(len(a.Data), 1))
}

// rowSimilarity is 1 less the square of [ScaledL1].
type rowSimilarity struct{ seed input.Input }

func similarRows(seed input.Input) Similarity { return rowSimilarity{seed} }

// To implements [Similarity].
func (r rowSimilarity) To(data []float32) float64 {
	other := r.seed
	other.Data = data
	far := ScaledL1(r.seed, other)
	return 1 - float64(far*far)
}

// Weights implements [Weigher]: a change counts by the range of its column.
func (r rowSimilarity) Weights(dst []float32) {
	for i := range dst {
		share := 1 / (float64(r.seed.DomainAt(i).Range()) * float64(len(r.seed.Data)))
		dst[i] = float32(share * share)
	}
}
