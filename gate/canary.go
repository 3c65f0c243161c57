package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/stats"
)

// Canary is the power of a search: how often it finds deviations between the original and copies of it
// with a known, small change, so that "nothing found" carries a measured weight.
type Canary struct {
	Model        string        `json:"model"`        // which was changed
	Perturbation string        `json:"perturbation"` // what was done to it
	Search       string        `json:"search"`       // strategy, bound and budget
	Trials       []CanaryTrial `json:"trials"`       // by size
}

// CanaryTrial is the search against one changed copy.
type CanaryTrial struct {
	Size       float64 `json:"size"` // of the change, relative to each weight tensor's standard deviation
	Seeds      int     `json:"seeds"`
	Found      int     `json:"found"`
	Queries    int     `json:"queries"`
	Confidence float64 `json:"confidence"`
	Lower      float64 `json:"lower"` // two-sided Clopper-Pearson interval of the detection rate
	Upper      float64 `json:"upper"`

	// Unchanged counts those of Found for which no search is needed: the seed itself deviates.
	Unchanged int    `json:"unchanged"`
	Copy      string `json:"copy,omitempty"` // what the copy says of itself
}

// Rate is the detection rate: the share of seeds for which the search found a deviation.
func (t CanaryTrial) Rate() float64 {
	if t.Seeds == 0 {
		return 0
	}
	return float64(t.Found) / float64(t.Seeds)
}

// Changed makes a copy of a model with a known change of a size, by a random seed. For ONNX models that is
// what onnx.Perturbed returns; of a copy that is an [io.Closer], Close is called when it is done with.
type Changed = func(size float64, randomSeed uint64) (model.Predictor, error)

// PowerStudy is what [MeasurePower] measures.
type PowerStudy struct {
	Original model.Predictor
	Changed  Changed
	Sizes    []float64 // each above 0
	Seeds    input.Seeds
	// Settings are those of the search whose power is asked for. Its random seed is that of the copies too. What only
	// concerns the triggers themselves (Refine, OnTrigger, StopAfter, closing in) has no part in it.
	Settings engine.Settings
	// Confidence is that of the intervals; 0 means 0.95.
	Confidence float64
}

// MeasurePower runs the same search against changed copies of the original, one for each size, and counts the
// seeds for which it finds a deviation.
//
// A seed gets as many queries as in a search that finds nothing: where the whole search has a limit, that is its
// share of it. Seeds that the search had no budget for count as not found. The intervals (Clopper and Pearson,
// Biometrika 26, 1934) are about other seeds of the same kind with the same copy.
//
// An error tells that a search could not be carried out; the trials before it are returned all the same.
func MeasurePower(ctx context.Context, s PowerStudy) (*Canary, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("gate: canary: %w", err)
	}
	s.Settings = s.settings()
	c := &Canary{Model: nameOf(s.Original), Search: describeSearch(s.Settings)}
	for _, size := range s.Sizes {
		t, kind, err := s.trial(ctx, size)
		if err != nil {
			return c, fmt.Errorf("gate: canary of size %g: %w", size, err)
		}
		if c.Perturbation == "" {
			c.Perturbation = kind
		}
		c.Trials = append(c.Trials, t)
	}
	return c, nil
}

func (s *PowerStudy) check() error {
	switch {
	case s.Original == nil:
		return errors.New("original is nil; expected a model")
	case s.Changed == nil:
		return errors.New("no function that makes changed copies; expected one, such as onnx.Perturbed")
	case len(s.Sizes) == 0:
		return errors.New("no sizes of the change; expected at least one, such as 0.01")
	case s.Seeds == nil || s.Seeds.Len() == 0:
		return fmt.Errorf("%w: expected at least one", input.ErrNoSeeds)
	}
	for _, size := range s.Sizes {
		if !(size > 0) || math.IsInf(size, 0) {
			return fmt.Errorf("size of the change is %g; expected a finite one above 0", size)
		}
	}
	if s.Confidence == 0 {
		s.Confidence = 0.95
	}
	if !(s.Confidence > 0 && s.Confidence < 1) {
		return fmt.Errorf("confidence is %g; expected above 0 and below 1", s.Confidence)
	}
	return nil
}

// settings are those of the search of the copies.
func (s *PowerStudy) settings() engine.Settings {
	settings := s.Settings
	settings.Refine, settings.OnTrigger, settings.StopAfter, settings.KeepInputs = nil, nil, 0, 1
	settings.Budget.ClosingQueriesPerSeed = 0
	if total := settings.Budget.Queries; total > 0 {
		share := max(1, total/s.Seeds.Len())
		if own := settings.Budget.QueriesPerSeed; own == 0 || share < own {
			settings.Budget.QueriesPerSeed = share
		}
	}
	return settings
}

// trial searches one copy. kind says what is done to all copies.
func (s *PowerStudy) trial(ctx context.Context, size float64) (t CanaryTrial, kind string, err error) {
	changed, err := s.Changed(size, s.Settings.RandomSeed)
	if err != nil {
		return t, "", err
	}
	if changed == nil {
		return t, "", errors.New("the function that makes changed copies returned none")
	}
	if c, ok := changed.(io.Closer); ok {
		defer func() { err = errors.Join(err, c.Close()) }()
	}
	pair, err := model.NewPair("", s.Original, changed)
	if err != nil {
		return t, "", err
	}
	r, err := engine.Search(ctx, pair, s.Seeds, s.Settings)
	if err != nil && (ctx.Err() != nil || !errors.Is(err, engine.ErrInconclusive)) {
		return t, "", err // a search without enough budget is what is measured
	}
	if ctx.Err() != nil {
		return t, "", fmt.Errorf("cancelled after %d queries: %w", r.Ledger.Queries, context.Cause(ctx))
	}
	t = CanaryTrial{Size: size, Seeds: r.Usable(), Queries: r.Ledger.Queries, Confidence: s.Confidence}
	for _, trigger := range r.Triggers() {
		t.Found++
		if trigger.Queries == 0 {
			t.Unchanged++
		}
	}
	t.Lower, t.Upper = stats.ClopperPearson(t.Found, t.Seeds, t.Confidence)
	t.Copy, kind = changeOf(r.Compressed)
	return t, kind, nil
}

// changeOf is what a copy says of its change, and of its kind.
func changeOf(d model.Description) (this, kind string) {
	this, kind = d.Settings["perturbation"], d.Settings["perturbation_kind"]
	if this == "" {
		this = d.Name
	}
	if kind == "" {
		kind = "a known change"
	}
	return this, kind
}

func nameOf(p model.Predictor) string {
	if d, ok := p.(model.Describer); ok && d.Describe().Name != "" {
		return d.Describe().Name
	}
	return "original"
}

// describeSearch says in one line what was searched with.
func describeSearch(s engine.Settings) string {
	parts := []string{fmt.Sprint(s.Strategy)}
	if s.Oracle != nil {
		parts = append(parts, "oracle "+s.Oracle.String())
	}
	if s.Bound != nil {
		parts = append(parts, "within "+s.Bound.String())
	}
	b := s.Budget
	if b.QueriesPerSeed > 0 {
		parts = append(parts, fmt.Sprintf("at most %d queries a seed", b.QueriesPerSeed))
	}
	if b.Queries > 0 {
		parts = append(parts, fmt.Sprintf("%d queries in all", b.Queries))
	}
	if b.TimePerSeed > 0 {
		parts = append(parts, fmt.Sprintf("%s a seed", b.TimePerSeed))
	}
	if b.Time > 0 {
		parts = append(parts, fmt.Sprintf("%s in all", b.Time))
	}
	return strings.Join(append(parts, fmt.Sprintf("random seed %d", s.RandomSeed)), "; ")
}
