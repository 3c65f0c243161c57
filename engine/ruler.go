package engine

// ruler measures how far inputs are from one seed, whose shape they have. What depends on the seed
// alone is computed once. It is used by one goroutine at a time.
type ruler struct {
	seed     Input
	compared bool  // image is known
	image    *ssim // nil for seeds that are not images
}

// newRuler returns a ruler that goes on using the seed's memory.
func newRuler(seed Input) *ruler { return &ruler{seed: seed} }

// similarity is the ssim to the seed, nil for seeds that are not images. It is made when it is first
// needed, as it takes time and memory.
func (r *ruler) similarity() *ssim {
	if !r.compared {
		r.image, r.compared = newSSIM(r.seed), true
	}
	return r.image
}

// ssim is the same as SSIM(seed, in).
func (r *ruler) ssim(in Input) (float64, bool) {
	if s := r.similarity(); s != nil {
		return s.to(in.Data), true
	}
	return 0, false
}

// measure is the same as DistanceBetween(seed, in).
func (r *ruler) measure(in Input) Distance {
	d := differences(r.seed.Data, in.Data)
	if s, ok := r.ssim(in); ok {
		d.SSIM = &s
	}
	return d
}

// aim is the distance by the aim, smaller for nearer. It computes no other.
func (r *ruler) aim(a Aim, in Input) float64 {
	switch a {
	case NearestLInf:
		return largestChange(r.seed.Data, in.Data)
	case NearestL0:
		return float64(changes(r.seed.Data, in.Data))
	case NearestSSIM:
		if s, ok := r.ssim(in); ok {
			return 1 - s
		}
	}
	return euclidean(r.seed.Data, in.Data)
}

// weights sets dst to how much each element weighs: a small change of that element alone by v takes the
// input farther by about its weight times v*v, in 1-SSIM for images, and in the square of L2
// for other inputs. Elements of low weight hardly show.
func (r *ruler) weights(dst []float32) {
	if s := r.similarity(); s != nil {
		s.weights(dst)
		return
	}
	for i := range dst {
		dst[i] = 1
	}
}
