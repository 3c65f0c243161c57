package distance

import (
	"math"

	"github.com/triggerfinder/triggerfinder/input"
)

// Ruler measures how far inputs are from one seed. What depends on the seed alone is computed once, so that it is faster than
// [DistanceBetween] from the second input on. It is used by one goroutine at a time.
type Ruler struct {
	seed     input.Input
	compared bool  // image is known
	image    *ssim // nil for seeds that are not images
}

// NewRuler returns a ruler that goes on using the seed's memory.
func NewRuler(seed input.Input) *Ruler { return &Ruler{seed: seed} }

// similarity is the ssim to the seed, nil for seeds that are not images. It is made when it is first
// needed, as it takes time and memory.
func (r *Ruler) similarity() *ssim {
	if !r.compared {
		r.image, r.compared = newSSIM(r.seed), true
	}
	return r.image
}

// SSIM is the same as SSIM(seed, in).
func (r *Ruler) SSIM(in input.Input) (float64, bool) {
	if s := r.similarity(); s != nil && sameSize(r.seed, in) {
		return s.to(in.Data), true
	}
	return 0, false
}

// Measure is the same as DistanceBetween(seed, in).
func (r *Ruler) Measure(in input.Input) Distance {
	d := differences(r.seed.Data, in.Data)
	if s, ok := r.SSIM(in); ok {
		d.SSIM = &s
	}
	return d
}

// Far is the distance by the aim as one number, smaller for nearer: 1-SSIM, or the distance of that name in the input's own
// units. It computes no other. Inputs with another number of values than the seed are infinitely far.
func (r *Ruler) Far(a Aim, in input.Input) float64 {
	if len(in.Data) != len(r.seed.Data) {
		return math.Inf(1)
	}
	switch a {
	case NearestLInf:
		return largestChange(r.seed.Data, in.Data)
	case NearestL0:
		return float64(changes(r.seed.Data, in.Data))
	case NearestSSIM:
		if s, ok := r.SSIM(in); ok {
			return 1 - s
		}
	}
	return euclidean(r.seed.Data, in.Data)
}

// Weights sets dst, of the seed's length, to how much each element weighs by the aim. By [NearestSSIM] a small change of that
// element alone by v takes an image farther by about its weight times v*v, in 1-SSIM: elements of low weight hardly show.
// Otherwise all weigh 1.
func (r *Ruler) Weights(a Aim, dst []float32) {
	dst = dst[:min(len(dst), len(r.seed.Data))]
	if a == NearestSSIM {
		if s := r.similarity(); s != nil {
			s.weights(dst)
			return
		}
	}
	for i := range dst {
		dst[i] = 1
	}
}

// SeenWeights is Weights but for the rim of an image. Few windows of SSIM see it, so that changing it costs next to nothing;
// people see it all the same. Here it weighs more, by the root of what it lacks.
func (r *Ruler) SeenWeights(a Aim, dst []float32) {
	r.Weights(a, dst)
	if a != NearestSSIM {
		return
	}
	s := r.similarity()
	if s == nil {
		return
	}
	side := min(s.height, s.width)
	rows, columns := coverage(s.height, side), coverage(s.width, side)
	for i := range dst[:min(len(dst), len(r.seed.Data))] {
		at := i / s.channels
		dst[i] /= float32(math.Sqrt(rows[at/s.width] * columns[at%s.width]))
	}
}
