package engine

type ruler struct{ seed Input }

func newRuler(seed Input) *ruler { return &ruler{seed} }

func (r *ruler) aim(a Aim, in Input) float64 { return a.of(DistanceBetween(r.seed, in)) }
