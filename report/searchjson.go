package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
)

const (
	// SearchFormat is the value of "format" in the JSON of a [SearchResult].
	SearchFormat = "triggerfinder-search"
	// searchVersion is the version of it that this package writes. Fields may be added without a new
	// version; it goes up when an older reader would misunderstand the JSON.
	searchVersion = 2 // since labels may be -1 for answers that are no class scores, with a deviation; 1 is read
)

// SearchResult is a search as JSON for other programs: what "triggerfinder search --json" writes. All
// numbers are finite; what is not known or does not exist is null.
type SearchResult struct {
	Format  string `json:"format"`  // SearchFormat
	Version int    `json:"version"` // 2; version 1 knew labels alone

	Pair    string        `json:"pair"`
	Started time.Time     `json:"started"`
	Status  engine.Status `json:"status"`
	// Partial says that the search ended before every seed came to its end.
	Partial bool `json:"partial"`
	// Error says why the search failed, or could not tell anything.
	Error    string   `json:"error,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	// Notes are about the seeds, such as that files were left out.
	Notes []string `json:"notes,omitempty"`
	// ClassNames are the names of the classes, by label.
	ClassNames []string `json:"class_names,omitempty"`

	Seeds  int `json:"seeds"`
	Usable int `json:"usable"` // seeds that were not skipped
	// Skipped counts the seeds that were; PerSeed tells which, and SkipReasons why, the commonest first.
	Skipped     int                 `json:"skipped"`
	SkipReasons []engine.SkipReason `json:"skip_reasons,omitempty"`
	Found       int                 `json:"found"` // seeds with a trigger
	// NotFinite is how many of the triggers are such that the compressed model gives NaN or infinity for them, and
	// UnusableQueries for how many queries the original does, which tell nothing. They are left out when 0.
	NotFinite       int `json:"not_finite,omitempty"`
	UnusableQueries int `json:"unusable_queries,omitempty"`
	// CausedBy are the causes that the search was for, none for any; ByCause is how many of the triggers have which, where the models in between are
	// known, and OtherCauses counts hits of other causes, which are no triggers.
	CausedBy    []model.Cause       `json:"caused_by,omitempty"`
	ByCause     []engine.CauseCount `json:"by_cause,omitempty"`
	OtherCauses int                 `json:"other_causes,omitempty"`
	// Misread counts the seeds that the original itself misreads; PerSeed tells which.
	Misread int `json:"misread"`
	// Pool is the number of inputs beside the seeds that paths might lead to, and Pathless that of seeds without a seed of another label for a path to
	// lead to; Warnings tell of them. They are left out when 0.
	Pool     int `json:"pool,omitempty"`
	Pathless int `json:"pathless,omitempty"`
	// SuccessRate is Found / Usable, 0 when no seed is usable.
	SuccessRate  float64 `json:"success_rate"`
	TotalQueries int     `json:"total_queries"`
	// TotalGradients counts gradients of either model, which are no queries. It is left out when 0.
	TotalGradients int `json:"total_gradients,omitempty"`

	// Queries is what was spent on each seed that has a trigger, closing in included.
	Queries *QueryStats `json:"queries"`
	// Distances of the final triggers to their seeds. SSIM is null for what is not an image.
	SSIM *SSIMStats   `json:"ssim"`
	L2   *MedianStats `json:"l2"`
	LInf *MedianStats `json:"linf"`
	// Similarity is that of another kind than images, with its name.
	Similarity *SimilarityStats `json:"similarity,omitempty"`
	// FirstHit is about the first confirmed hits, before closing in.
	FirstHit *FirstHitStats `json:"first_hit"`

	WallSeconds      float64 `json:"wall_s"`
	ModelSeconds     float64 `json:"model_s"`
	Overhead         float64 `json:"overhead"` // 1 - model_s/wall_s
	QueriesPerSecond float64 `json:"queries_per_s"`

	Models   SearchedModels    `json:"models"`
	Strategy string            `json:"strategy"`
	Oracle   string            `json:"oracle"`
	Bound    string            `json:"bound,omitempty"`
	Versions map[string]string `json:"versions"`
	Options  map[string]any    `json:"options"` // the effective value of every flag, by name
	PerSeed  []SeedResult      `json:"per_seed"`
	// Shard is there when this is a part of a search; see [LoadShard].
	Shard *ShardResult `json:"shard,omitempty"`
}

// SearchedModels describes both models.
type SearchedModels struct {
	Original   model.Description `json:"original"`
	Compressed model.Description `json:"compressed"`
	// Between are the models between both, in the order of Causes, of which the last leads to the compressed one.
	Between []model.Description `json:"between,omitempty"`
	Causes  []model.Cause       `json:"causes,omitempty"`
}

// SeedResult is what the search of one seed came to.
type SeedResult struct {
	Index   int               `json:"index"`
	Name    string            `json:"name"`
	Label   int               `json:"label"` // true class, or -1
	Status  engine.SeedStatus `json:"status"`
	Reason  string            `json:"reason,omitempty"` // why it was skipped
	Queries int               `json:"queries"`
	// Unusable is for how many of them the original gives NaN or infinity.
	Unusable int `json:"unusable,omitempty"`
	// Gradients counts those that the seed took besides. It is left out when 0.
	Gradients int `json:"gradients,omitempty"`
	// MisreadAs is the label that the original gives to the seed, where that is not its true class.
	MisreadAs *int `json:"misread_as,omitempty"`
	// Nearest is how near the search came where it found nothing, as a shortfall of scores; see
	// [answer.Graded].
	Nearest  *float64       `json:"nearest"`
	FirstHit *HitResult     `json:"first_hit"`
	Trigger  *TriggerResult `json:"trigger"`
}

// ResultOf makes the result of a report. dirs are the folders of saved triggers, by their ID.
// Versions and Options are the caller's.
func ResultOf(r *engine.Report, dirs map[string]string) SearchResult {
	s := ResultWithoutSeeds(r)
	s.PerSeed = slices.AppendSeq(make([]SeedResult, 0, len(r.Seeds)), SeedResults(r, dirs))
	return s
}

// SeedResults are PerSeed of [ResultOf], made one after the other.
func SeedResults(r *engine.Report, dirs map[string]string) iter.Seq[SeedResult] {
	return func(yield func(SeedResult) bool) {
		for _, o := range r.Seeds {
			if !yield(newSeedResult(o, dirs)) {
				return
			}
		}
	}
}

// ResultWithoutSeeds is [ResultOf] without PerSeed, which takes some 450 bytes a seed.
func ResultWithoutSeeds(r *engine.Report) SearchResult {
	stats := StatsOf(r)
	s := SearchResult{
		Format: SearchFormat, Version: searchVersion,
		Pair: r.Pair, Started: r.Timing.Started, Status: r.Status, Partial: r.Status.Partial(), Warnings: r.Warnings,
		Notes: r.Notes, ClassNames: r.ClassNames,
		Skipped: r.Ledger.Skipped, SkipReasons: r.SkipReasons(),
		Seeds: stats.Seeds, Usable: stats.Usable, Found: stats.Found, Misread: len(r.Misread()), Pool: r.Pool, Pathless: r.Pathless(), NotFinite: stats.NotFinite, UnusableQueries: stats.UnusableQueries, SuccessRate: stats.SuccessRate,
		CausedBy: r.CausedBy, ByCause: stats.ByCause, OtherCauses: stats.OtherCauses,
		TotalQueries: stats.TotalQueries, TotalGradients: stats.TotalGradients, FirstHit: stats.FirstHit, SSIM: stats.SSIM, L2: stats.L2, LInf: stats.LInf, Similarity: stats.Similarity,
		WallSeconds: stats.WallSeconds, ModelSeconds: stats.ModelSeconds, Overhead: stats.Overhead,
		QueriesPerSecond: stats.QueriesPerSecond,
		Models:           SearchedModels{r.Original, r.Compressed, r.Between, r.Causes},
		Strategy:         r.Strategy, Oracle: r.Oracle, Bound: r.Bound,
		Versions: map[string]string{}, Options: map[string]any{},
		Shard: shardOf(r),
	}
	var spent []float64
	for _, o := range r.Seeds {
		if o.Trigger != nil {
			spent = append(spent, float64(o.Queries))
		}
	}
	s.Queries = queryStats(spent)
	return s
}

func newSeedResult(o engine.Outcome, dirs map[string]string) SeedResult {
	s := SeedResult{Index: o.Index, Name: o.Name, Label: o.Label, Status: o.Status, Reason: o.Reason, Queries: o.Queries, Unusable: o.Unusable, Gradients: o.Gradients, MisreadAs: o.MisreadAs}
	if o.Nearest != nil {
		s.Nearest = finiteOrNil(*o.Nearest)
	}
	t := o.Trigger
	if t == nil {
		return s
	}
	s.Trigger = newTriggerResult(t, dirs[t.ID])
	hit := firstHit(o)
	first := newHitResult(hit.Queries, hit.Distance)
	s.FirstHit = &first
	return s
}

// Write writes the result as JSON.
func (s SearchResult) Write(w io.Writer) error {
	data, err := EncodeJSON(s)
	if err == nil {
		_, err = w.Write(data)
	}
	if err != nil {
		return fmt.Errorf("report: result of pair %q: %w", s.Pair, err)
	}
	return nil
}

// Save writes the result as a JSON file, in place of an earlier one. The folder is there already, or is
// made.
func (s SearchResult) Save(path string) error {
	var data bytes.Buffer
	if err := s.Write(&data); err != nil {
		return err
	}
	err := makeFolder(filepath.Dir(path))
	if err == nil {
		err = writeFile(path, data.Bytes())
	}
	if err != nil {
		return fmt.Errorf("report: save result of pair %q: %w", s.Pair, err)
	}
	return nil
}

// LoadResult reads a result that [SearchResult.Save] wrote.
func LoadResult(path string) (SearchResult, error) {
	data, err := readFile(path)
	if err != nil {
		return SearchResult{}, fmt.Errorf("report: %w", err)
	}
	s, err := decodeResult(data)
	if err != nil {
		return SearchResult{}, fmt.Errorf("report: %s: %w", path, err)
	}
	return s, nil
}

func decodeResult(data []byte) (s SearchResult, err error) {
	err = decodeLoosely(data, SearchFormat, searchVersion, &s)
	return s, err
}

// largestResult is enough for a shard of a million seeds.
const largestResult = 2 << 30

// ShardResult stands in the result of a shard, so that all of them can be merged.
type ShardResult struct {
	Number int `json:"number"` // from 1
	Total  int `json:"total"`
	// Report is the report of the shard, as [SaveReport] writes it.
	Report json.RawMessage `json:"report"`
}

// shardOf is nil for a report of a whole search.
func shardOf(r *engine.Report) *ShardResult {
	if r.Shard == (engine.Shard{}) {
		return nil
	}
	data, err := json.Marshal(newReportDocument(r, Options{}))
	if err != nil {
		data = nil // there is nothing in it that JSON cannot hold
	}
	return &ShardResult{Number: r.Shard.Index + 1, Total: r.Shard.Total, Report: data}
}

// LoadShard reads the result of a shard that [SearchResult.Save] wrote, with its report, whose triggers are
// without their inputs.
func LoadShard(path string) (SearchResult, *engine.Report, error) {
	data, err := ReadBounded(path, largestResult)
	if err != nil {
		return SearchResult{}, nil, fmt.Errorf("report: shard: %w", err)
	}
	s, r, err := decodeShard(data)
	if err != nil {
		return SearchResult{}, nil, fmt.Errorf("report: shard: %s: %w", path, err)
	}
	return s, r, nil
}

func decodeShard(data []byte) (SearchResult, *engine.Report, error) {
	s, err := decodeResult(data)
	if err != nil {
		return s, nil, err
	}
	if s.Shard == nil {
		return s, nil, fmt.Errorf("expected the result of a shard, found that of a whole search: search with --shard")
	}
	var d reportDocument
	if err := decodeLoosely(s.Shard.Report, "", artifactVersion, &d); err != nil {
		return s, nil, fmt.Errorf("shard.report: %w", err)
	}
	if d.Report.Report == nil {
		return s, nil, fmt.Errorf("shard.report: expected a report, found none")
	}
	r := d.Report.report()
	if want := (engine.Shard{Index: s.Shard.Number - 1, Total: s.Shard.Total}); r.Shard != want {
		return s, nil, fmt.Errorf("shard: expected the report of shard %d of %d, found %d of %d", s.Shard.Number, s.Shard.Total, r.Shard.Index+1, r.Shard.Total)
	}
	return s, r, nil
}
