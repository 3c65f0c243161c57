package gate

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// ErrNotComparable is the error for a search that cannot serve as evidence, or that differs from the
// evidence in more than the compressed model. It is wrapped with what differs.
var ErrNotComparable = errors.New("not comparable")

// Evidence is what one search of one pair came to, seed by seed: what a later release is compared with
// (see [Compare]). Package report saves and loads it.
type Evidence struct {
	Pair       string        `json:"pair"`
	Original   EvidenceModel `json:"original"`
	Compressed EvidenceModel `json:"compressed"`

	// The settings that decide the result; what the whole search was limited to is not among them, as
	// evidence is of searches that came to their end.
	Strategy   string        `json:"strategy"`
	Oracle     string        `json:"oracle"`
	Bound      string        `json:"bound,omitempty"`
	Aim        string        `json:"aim"`
	Budget     engine.Budget `json:"budget"`
	RandomSeed uint64        `json:"random_seed"`

	// Versions are of what the result depends on besides, such as "runtime" and "cpu", and under [SearchVersion] the revision of the search.
	Versions map[string]string `json:"versions,omitempty"`

	Seeds []EvidenceSeed `json:"seeds"` // those that could be used
	// Skipped counts those that could not.
	Skipped int `json:"skipped,omitempty"`
}

// SearchVersion is the key of [engine.SearchRevision] among the versions of evidence. Evidence of version 0.1.0 has none.
const SearchVersion = "search"

// EvidenceModel is one of the models.
type EvidenceModel = model.Identity

// EvidenceSeed is what the search of one seed came to.
type EvidenceSeed struct {
	ID      string            `json:"id"`    // of its content; see [input.Input.ID]
	Label   int               `json:"label"` // true class, or -1
	Status  engine.SeedStatus `json:"status"`
	Queries int               `json:"queries"`
	// FirstHit is how many queries the first trigger took, 0 for a seed that deviates itself; nil when
	// there is none.
	FirstHit *int             `json:"first_hit,omitempty"`
	Trigger  *EvidenceTrigger `json:"trigger,omitempty"`
}

// EvidenceTrigger is the nearest trigger that was found from a seed.
type EvidenceTrigger struct {
	ID string `json:"id"`
	answer.Labels
	Distance distance.Distance `json:"distance"`
}

// EvidenceOf makes evidence of the report of a search that came to its end. A report of a shard is none;
// see [engine.Merge].
func EvidenceOf(r *engine.Report) (*Evidence, error) {
	switch {
	case r == nil:
		return nil, fmt.Errorf("gate: evidence: %w: expected a report, found nil", ErrNotComparable)
	case r.Shard.Total > 1:
		return nil, fmt.Errorf("gate: evidence: pair %s: %w: expected a whole search, found shard %s: merge the shards first", r.Pair, ErrNotComparable, r.Shard)
	case r.Pool > 0:
		return nil, fmt.Errorf("gate: evidence: pair %s: %w: expected a search that the seeds alone repeat, found one with a pool of %d inputs", r.Pair, ErrNotComparable, r.Pool)
	case r.Status != engine.AllSearched:
		return nil, fmt.Errorf("gate: evidence: pair %s: %w: expected a search of all seeds to their end, found one that ended early (%s): raise the limits of the whole search",
			r.Pair, ErrNotComparable, r.Status)
	}
	b := r.Budget
	e := &Evidence{
		Pair:     r.Pair,
		Original: r.Original.Identity(), Compressed: r.Compressed.Identity(),
		Strategy: r.Strategy, Oracle: r.Oracle, Bound: r.Bound, Aim: r.Aim, RandomSeed: r.RandomSeed,
		Budget:   engine.Budget{QueriesPerSeed: b.QueriesPerSeed, TimePerSeed: b.TimePerSeed, ClosingQueriesPerSeed: b.ClosingQueriesPerSeed},
		Versions: map[string]string{}, Seeds: make([]EvidenceSeed, 0, r.Usable()),
	}
	for name, value := range r.Compressed.Settings {
		if name == "runtime" || name == "cpu" || name == "provider" {
			e.Versions[name] = value
		}
	}
	e.Versions[SearchVersion], e.Versions["go"] = strconv.Itoa(engine.SearchRevision), runtime.Version()
	for _, o := range r.Seeds {
		if o.Status == engine.Skipped {
			e.Skipped++
			continue
		}
		e.Seeds = append(e.Seeds, evidenceOfSeed(o))
	}
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("gate: evidence: pair %s: %w: %w", r.Pair, ErrNotComparable, err)
	}
	return e, nil
}

func evidenceOfSeed(o engine.Outcome) EvidenceSeed {
	s := EvidenceSeed{ID: o.SeedID, Label: o.Label, Status: o.Status, Queries: o.Queries}
	if t := o.Trigger; t != nil {
		s.Trigger = &EvidenceTrigger{t.ID, t.Labels, t.Distance}
		queries := t.Queries
		if o.FirstHit != nil {
			queries = o.FirstHit.Queries
		}
		s.FirstHit = &queries
	}
	return s
}

// notFinite reports whether the compressed model gave NaN or infinity.
func (s *EvidenceSeed) notFinite() bool {
	return s.Trigger != nil && s.Trigger.Kind == answer.NotFinite
}

// Question is what the search was asked for.
func (e *Evidence) Question() engine.Question {
	return engine.Question{Strategy: e.Strategy, Oracle: e.Oracle, Bound: e.Bound, Aim: e.Aim, Budget: e.Budget, RandomSeed: e.RandomSeed}
}

// Found is the number of seeds with a trigger.
func (e *Evidence) Found() int {
	n := 0
	for _, s := range e.Seeds {
		if s.Trigger != nil {
			n++
		}
	}
	return n
}

// Validate finds what evidence of a search cannot be.
func (e *Evidence) Validate() error {
	for _, text := range []struct{ name, value string }{
		{"pair", e.Pair}, {"original.name", e.Original.Name}, {"compressed.name", e.Compressed.Name},
		{"strategy", e.Strategy}, {"oracle", e.Oracle}, {"aim", e.Aim},
	} {
		if text.value == "" {
			return fmt.Errorf("%s: expected a text, found none", text.name)
		}
	}
	for _, sum := range []struct{ name, value string }{
		{"original.sha256", e.Original.SHA256}, {"original.content", e.Original.Content}, {"original.graph_sha256", e.Original.GraphSHA256},
		{"compressed.sha256", e.Compressed.SHA256}, {"compressed.content", e.Compressed.Content}, {"compressed.graph_sha256", e.Compressed.GraphSHA256},
	} {
		if sum.value != "" && !isHex(sum.value, 64) {
			return fmt.Errorf("%s: expected 64 hexadecimal digits or none, found %.80q", sum.name, sum.value)
		}
	}
	b := e.Budget
	switch {
	case b.QueriesPerSeed < 0 || b.TimePerSeed < 0 || b.ClosingQueriesPerSeed < 0 || b.MinQueriesPerSeed < 0:
		return fmt.Errorf("budget: expected no negative limit, found %+v", b)
	case b.Queries != 0 || b.Time != 0:
		return errors.New("budget: expected limits of a seed alone, found one of the whole search")
	case len(e.Seeds) == 0:
		return errors.New("seeds: expected at least one that can be used, found none")
	case e.Skipped < 0:
		return fmt.Errorf("skipped: expected at least 0, found %d", e.Skipped)
	}
	for i := range e.Seeds {
		if err := e.Seeds[i].validate(); err != nil {
			return fmt.Errorf("seeds[%d]: %w", i, err)
		}
	}
	return nil
}

func (s *EvidenceSeed) validate() error {
	switch {
	case !isHex(s.ID, 16):
		return fmt.Errorf("id: expected 16 hexadecimal digits, found %.40q", s.ID)
	case s.Label < input.Unlabelled:
		return fmt.Errorf("label: expected at least %d, found %d", input.Unlabelled, s.Label)
	case s.Queries < 0:
		return fmt.Errorf("queries: expected at least 0, found %d", s.Queries)
	case !slices.Contains([]engine.SeedStatus{engine.Triggered, engine.SeedExhausted, engine.GaveUp}, s.Status):
		return fmt.Errorf("status: expected %s, %s or %s, found %.40q", engine.Triggered, engine.SeedExhausted, engine.GaveUp, s.Status)
	case (s.Trigger != nil) != (s.Status == engine.Triggered) || (s.FirstHit != nil) != (s.Trigger != nil):
		return fmt.Errorf("expected trigger and first_hit with status %s and with no other, found status %s", engine.Triggered, s.Status)
	case s.Trigger == nil:
		return nil
	case *s.FirstHit < 0 || *s.FirstHit > s.Queries:
		return fmt.Errorf("first_hit: expected 0 to %d, the queries of the seed, found %d", s.Queries, *s.FirstHit)
	case !isHex(s.Trigger.ID, 16):
		return fmt.Errorf("trigger.id: expected 16 hexadecimal digits, found %.40q", s.Trigger.ID)
	case s.Trigger.Deviation != (answer.Deviation{}):
		if t := s.Trigger; t.OriginalLabel < answer.NoLabel || t.CompressedLabel < answer.NoLabel || t.Kind != answer.OtherAnswer && t.Kind != answer.NotFinite || !(t.Deviation.Size >= 0) {
			return fmt.Errorf("trigger: expected labels of at least -1, kind %q or none and a size of at least 0, found %d and %d, %.40q and %g",
				answer.NotFinite, t.OriginalLabel, t.CompressedLabel, t.Kind, t.Deviation.Size)
		}
	case s.Trigger.OriginalLabel < 0 || s.Trigger.CompressedLabel < answer.NoLabel:
		return fmt.Errorf("trigger: expected labels of at least 0, or -1 for a compressed answer that is not finite, found %d and %d", s.Trigger.OriginalLabel, s.Trigger.CompressedLabel)
	case s.Trigger.Kind != answer.OtherAnswer && s.Trigger.Kind != answer.NotFinite || (s.Trigger.Kind == answer.NotFinite) != (s.Trigger.CompressedLabel == answer.NoLabel):
		return fmt.Errorf("trigger.kind: expected %q with compressed label %d, and none with others, found %.40q with %d",
			answer.NotFinite, answer.NoLabel, s.Trigger.Kind, s.Trigger.CompressedLabel)
	}
	d := s.Trigger.Distance
	for _, v := range []float64{d.L1, d.L2, d.LInf, float64(d.L0)} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("trigger.distance: expected finite numbers of at least 0, found %+v", d)
		}
	}
	if d.SSIM != nil && !(*d.SSIM >= -1.001 && *d.SSIM <= 1.001) {
		return fmt.Errorf("trigger.distance.ssim: expected -1 to 1, found %g", *d.SSIM)
	}
	if m := d.Similarity; m != nil && !(math.Abs(m.Value) <= math.MaxFloat64) {
		return fmt.Errorf("trigger.distance.similarity: expected a finite number, found %g", m.Value)
	}
	return nil
}

func isHex(text string, digits int) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(text) == digits
}
