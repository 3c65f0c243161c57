package report

import (
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/stats"
)

// Stats are the numbers of a report. What is said about triggers is nil when there are none.
//
// Percentiles interpolate linearly between the two nearest values, as numpy.percentile does by
// default: the p-th percentile of n sorted values stands at position p/100*(n-1), counted from 0.
// The median is the 50th percentile.
type Stats struct {
	Seeds  int `json:"seeds"`
	Usable int `json:"usable"` // seeds that were not skipped
	Found  int `json:"found"`  // seeds with a trigger
	// SuccessRate is Found / Usable, 0 when no seed is usable.
	SuccessRate float64 `json:"success_rate"`
	// DeviatingSeeds is how many of the triggers are the seeds themselves: found with 0 queries.
	DeviatingSeeds int `json:"deviating_seeds"`
	Unstable       int `json:"unstable"` // hits that did not repeat
	// NotFinite is how many of the triggers are such that the compressed model gives NaN or infinity for them.
	NotFinite int `json:"not_finite,omitempty"`
	// UnusableQueries is for how many queries the original does, which tell nothing.
	UnusableQueries int `json:"unusable_queries,omitempty"`

	// ByCause is how many of the triggers have which causes, the commonest first, where the models between both are known. OtherCauses counts hits
	// of other causes than those that the search was for, which are no triggers.
	ByCause     []engine.CauseCount `json:"by_cause,omitempty"`
	OtherCauses int                 `json:"other_causes,omitempty"`

	TotalQueries int `json:"total_queries"`
	// TotalGradients counts gradients, which are no queries; see [engine.GradientSearcher].
	TotalGradients int `json:"total_gradients,omitempty"`
	// Queries is what the triggers took each, those of deviating seeds included.
	Queries *QueryStats `json:"queries,omitempty"`
	// FirstHit is about the triggers as they were first found, before closing in.
	FirstHit *FirstHitStats `json:"first_hit,omitempty"`
	// Distances of the triggers to their seeds. SSIM is nil for what is not an image.
	SSIM *SSIMStats   `json:"ssim,omitempty"`
	L2   *MedianStats `json:"l2,omitempty"`
	LInf *MedianStats `json:"linf,omitempty"`
	// Similarity is that of another kind than images; nil where inputs have none, or several.
	Similarity *SimilarityStats `json:"similarity,omitempty"`

	WallSeconds      float64 `json:"wall_s"`
	ModelSeconds     float64 `json:"model_s"`
	Overhead         float64 `json:"overhead"` // 1 - model_s/wall_s
	QueriesPerSecond float64 `json:"queries_per_s"`
}

// QueryStats are statistics of the number of queries a trigger.
type QueryStats struct {
	Median float64 `json:"median"`
	Mean   float64 `json:"mean"`
	P90    float64 `json:"p90"`
	Max    float64 `json:"max"`
}

// SSIMStats are statistics of structural similarity, 1 for equal images. P10 is the tail of those
// that changed most.
type SSIMStats struct {
	Median float64 `json:"median"`
	P10    float64 `json:"p10"`
}

// SimilarityStats are statistics of the similarity of a kind that is not images, with its name.
type SimilarityStats struct {
	Measure string `json:"measure"`
	SSIMStats
}

// FirstHitStats are statistics of the first hits, one a seed.
type FirstHitStats struct {
	Queries *QueryStats `json:"queries"`
	SSIM    *SSIMStats  `json:"ssim"`
}

// MedianStats is a median.
type MedianStats struct {
	Median float64 `json:"median"`
}

// StatsOf computes the numbers of a report. All of them are finite: values that are not, which no
// search reports, are left out.
func StatsOf(r *engine.Report) Stats {
	s := Stats{
		Seeds: len(r.Seeds), Usable: r.Usable(), Unstable: r.Ledger.Unstable, TotalQueries: r.Ledger.Queries, TotalGradients: r.Ledger.Gradients,
		ByCause: engine.CountCauses(r.Triggers()), OtherCauses: r.Ledger.OtherCauses,
		NotFinite: r.NotFinite(), UnusableQueries: r.Ledger.Unusable,
		WallSeconds: orZero(r.Timing.WallSeconds), ModelSeconds: orZero(r.Timing.ModelSeconds),
		Overhead: orZero(r.Timing.Overhead()), QueriesPerSecond: orZero(r.Timing.QueriesPerSecond),
	}
	var queries, hits, hitSSIM, ssim, l2, linf []float64
	similar := map[string][]float64{} // by measure
	for _, o := range r.Seeds {
		t := o.Trigger
		if t == nil {
			continue
		}
		s.Found++
		hit := firstHit(o)
		hits = append(hits, float64(hit.Queries))
		if hit.Distance.SSIM != nil {
			hitSSIM = append(hitSSIM, *hit.Distance.SSIM)
		}
		if t.Queries == 0 {
			s.DeviatingSeeds++
		}
		queries = append(queries, float64(t.Queries))
		l2, linf = append(l2, t.Distance.L2), append(linf, t.Distance.LInf)
		if t.Distance.SSIM != nil {
			ssim = append(ssim, *t.Distance.SSIM)
		}
		if m := t.Distance.Similarity; m != nil {
			similar[m.Measure] = append(similar[m.Measure], m.Value)
		}
	}
	if s.Usable > 0 {
		s.SuccessRate = float64(s.Found) / float64(s.Usable)
	}
	if s.Found > 0 {
		s.Queries = queryStats(queries)
		s.FirstHit = &FirstHitStats{Queries: queryStats(hits), SSIM: ssimStats(hitSSIM)}
	}
	s.SSIM = ssimStats(ssim)
	for measure, values := range similar {
		if of := ssimStats(values); of != nil && len(similar) == 1 {
			s.Similarity = &SimilarityStats{measure, *of}
		}
	}
	s.L2, s.LInf = medianOf(l2), medianOf(linf)
	return s
}

// firstHit is the trigger of an outcome as it was first found.
func firstHit(o engine.Outcome) engine.Hit {
	if o.FirstHit != nil {
		return *o.FirstHit
	}
	return engine.Hit{Queries: o.Trigger.Queries, Distance: o.Trigger.Distance}
}

func queryStats(queries []float64) *QueryStats {
	if len(queries) == 0 {
		return nil
	}
	return &QueryStats{
		Median: stats.Percentile(queries, 50), Mean: mean(queries), P90: stats.Percentile(queries, 90), Max: slices.Max(queries),
	}
}

func ssimStats(values []float64) *SSIMStats {
	if values = finite(values); len(values) == 0 {
		return nil
	}
	return &SSIMStats{Median: stats.Percentile(values, 50), P10: stats.Percentile(values, 10)}
}

func medianOf(values []float64) *MedianStats {
	if values = finite(values); len(values) == 0 {
		return nil
	}
	return &MedianStats{Median: stats.Percentile(values, 50)}
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func finite(values []float64) []float64 {
	return slices.DeleteFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

func orZero(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
