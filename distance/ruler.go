package distance

import (
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// Ruler measures how far inputs are from one seed. What depends on the seed alone is computed once, so that it is faster than
// [DistanceBetween] from the second input on. It is used by one goroutine at a time.
type Ruler struct {
	seed     input.Input
	compared bool // similar and grid are known
	similar  Similarity
	grid     Grid
	base     []float32 // see From
}

// NewRuler returns a ruler that goes on using the seed's memory.
func NewRuler(seed input.Input) *Ruler { return &Ruler{seed: seed} }

// similarity is that of the seed's kind, nil where it has none or does not take the seed. It is made when it is first
// needed, as it takes time and memory.
func (r *Ruler) similarity() Similarity {
	if !r.compared {
		if of := TraitsOf(r.seed).Similarity; of != nil {
			r.similar = of(r.seed)
		}
		r.grid, r.compared = GridOf(r.seed), true
		r.step()
	}
	return r.similar
}

// From says that inputs to come differ little from this one, whose values stay as they are until the next call: measuring them is then
// faster, where their kind has a [Stepper]. It changes no result. An input without values takes that back.
func (r *Ruler) From(base input.Input) {
	r.base = base.Data
	if r.compared {
		r.step()
	}
}

func (r *Ruler) step() {
	if s, ok := r.similar.(Stepper); ok {
		s.From(r.base)
	}
}

// Similarity is how like the seed an input is by the similarity of their kind, such as SSIM; false where there is none, and for
// inputs of another kind or size.
func (r *Ruler) Similarity(in input.Input) (float64, bool) {
	if !r.comparable(in) {
		return 0, false
	}
	return r.similar.To(in.Data), true
}

func (r *Ruler) comparable(in input.Input) bool {
	return r.similarity() != nil && in.Kind == r.seed.Kind && len(in.Data) == len(r.seed.Data) && (slices.Equal(in.Shape, r.seed.Shape) || GridOf(in) == r.grid)
}

// Measure is the same as DistanceBetween(seed, in).
func (r *Ruler) Measure(in input.Input) Distance {
	d := differences(r.seed.Data, in.Data)
	if s, ok := r.Similarity(in); ok {
		r.note(&d, s)
	}
	return d
}

// MeasureKnown is Measure of an input that is known to be so far by the aim, as [Ruler.Far] says: it does not compute that again.
func (r *Ruler) MeasureKnown(in input.Input, a Aim, far float64) Distance {
	const exact = 0.5 // up to here, 1 less it is the similarity to the last bit
	if a != MostAlike || !(far > 0 && far <= exact) || !r.comparable(in) {
		return r.Measure(in)
	}
	d := differences(r.seed.Data, in.Data)
	r.note(&d, 1-far)
	return d
}

// note adds a similarity to the distance of an input.
func (r *Ruler) note(d *Distance, similarity float64) {
	if r.seed.Kind == input.Image {
		d.SSIM = &similarity
	} else {
		d.Similarity = &Measured{MeasureOf(r.seed), similarity}
	}
}

// Far is the distance by the aim as one number, smaller for nearer: 1 less the similarity, or the distance of that name in the
// input's own units. It computes no other. Inputs with another number of values than the seed are infinitely far.
func (r *Ruler) Far(a Aim, in input.Input) float64 {
	if len(in.Data) != len(r.seed.Data) {
		return math.Inf(1)
	}
	switch a {
	case NearestLInf:
		return largestChange(r.seed.Data, in.Data)
	case NearestL0:
		return float64(changes(r.seed.Data, in.Data))
	case MostAlike:
		if s, ok := r.Similarity(in); ok {
			return 1 - s
		}
	}
	return euclidean(r.seed.Data, in.Data)
}

// Length is about in proportion to the length of a change that is so far by the aim, see [Ruler.Far]: similarities are lost as the
// square of a change.
func (r *Ruler) Length(a Aim, far float64) float64 {
	if a == MostAlike && r.similarity() != nil {
		return math.Sqrt(far)
	}
	return far
}

// Weights sets dst, of the seed's length, to how much each element weighs by the aim. By [MostAlike] a small change of that
// element alone by v takes an input farther by about its weight times v*v: elements of low weight hardly show.
// Otherwise, and where the similarity has no weights, all weigh 1.
func (r *Ruler) Weights(a Aim, dst []float32) {
	dst = dst[:min(len(dst), len(r.seed.Data))]
	if a == MostAlike {
		if w, ok := r.similarity().(Weigher); ok {
			w.Weights(dst)
			return
		}
	}
	for i := range dst {
		dst[i] = 1
	}
}

// SeenWeights is Weights but for what the similarity says too little of, see [SeenWeigher].
func (r *Ruler) SeenWeights(a Aim, dst []float32) {
	if a == MostAlike {
		if w, ok := r.similarity().(SeenWeigher); ok {
			w.SeenWeights(dst[:min(len(dst), len(r.seed.Data))])
			return
		}
	}
	r.Weights(a, dst)
}
