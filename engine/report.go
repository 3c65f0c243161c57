package engine

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Trigger is an input on which the two models of a pair deviate, confirmed by both models again,
// alone, on exactly this input.
type Trigger struct {
	SeedIndex int    `json:"seed_index"` // position among the seeds
	SeedName  string `json:"seed_name"`
	SeedLabel int    `json:"seed_label"` // true class, or Unlabelled
	SeedID    string `json:"seed_id"`
	ID        string `json:"id"` // of Input; see [input.Input.ID]

	Seed  input.Input `json:"-"`
	Input input.Input `json:"-"`

	// Answers of both models to Input, from the confirmation.
	Original   answer.Answer `json:"original_scores"`
	Compressed answer.Answer `json:"compressed_scores"`
	// The labels that both models give, with the deviation where it does not go by them, and the score of that label, 0 for
	// [answer.NoLabel].
	answer.Labels
	OriginalConfidence   float32 `json:"original_confidence"`
	CompressedConfidence float32 `json:"compressed_confidence"`
	// Tied says that a model's top score belongs to several labels; the sets of top labels of both
	// models are disjoint all the same.
	Tied bool `json:"tied,omitempty"`

	Queries  int               `json:"queries"` // how many queries it took, those of closing in included; 0 for a seed that deviates itself
	Distance distance.Distance `json:"distance"`
	// History lists the mutation operators that led from Seed to Input, in order.
	History []string `json:"history,omitempty"`

	// Steps is what each step from the original to the compressed model does on Input, where the pair is a chain; see [model.NewChain].
	Steps StepVerdicts `json:"steps,omitempty"`

	// Oracle names what judged the answers, where they can be drawn over the input, as [answer.Drawable] says; "" otherwise. Then
	// SeedOriginal and SeedCompressed are the answers to the seed, where they are known.
	Oracle                       string        `json:"-"`
	SeedOriginal, SeedCompressed answer.Answer `json:"-"`
}

// CompareTriggers orders triggers for those who look at them: the nearest to its seed first, as [distance.MostAlike] compares;
// at the same distance by ID, then by seed.
func CompareTriggers(a, b *Trigger) int {
	return cmp.Or(distance.MostAlike.Compare(a.Distance, b.Distance), strings.Compare(a.ID, b.ID), cmp.Compare(a.SeedIndex, b.SeedIndex))
}

// newTrigger is the trigger of a confirmed evaluation, but for what it cost and how far it is.
func newTrigger(seed input.Seed, index int, e Evaluation) *Trigger {
	t := &Trigger{
		SeedIndex: index, SeedName: seed.Name, SeedLabel: seed.Label,
		ID: e.Input.ID(), Seed: seed.Input, Input: e.Input,
	}
	t.Answer(e)
	return t
}

// Answer makes the answers, and the verdict on them, those of an evaluation of Input.
func (t *Trigger) Answer(e Evaluation) {
	t.Original, t.Compressed, t.Tied, t.Kind = e.Original, e.Compressed, e.Verdict.Tied, answer.OtherAnswer
	t.OriginalLabel, t.OriginalConfidence = topOf(e.Original)
	t.CompressedLabel, t.CompressedConfidence = topOf(e.Compressed)
	if e.Verdict.Deviates {
		t.Kind = e.Verdict.Kind
	}
	t.Deviation, t.Steps = answer.Deviation{}, e.Steps
	if e.Deviation == nil {
		return
	}
	t.Deviation = *e.Deviation
	if t.Deviation.OfLabels() {
		return
	}
	// The highest of numbers that are no scores is no class.
	if t.OriginalLabel = t.Deviation.From.Label; t.OriginalLabel == answer.NoLabel {
		t.OriginalConfidence = 0
	}
	if t.CompressedLabel = t.Deviation.To.Label; t.CompressedLabel == answer.NoLabel {
		t.CompressedConfidence = 0
	}
}

// topOf is the label of an answer, and its score.
func topOf(a answer.Answer) (label int, score float32) {
	if label = a.Label(); label == answer.NoLabel {
		return answer.NoLabel, 0
	}
	return label, a.Scores[label]
}

// abridge drops what takes memory, so that a report of very many triggers can be held.
func (t *Trigger) abridge() {
	t.Seed.Data, t.Input.Data = nil, nil
	t.Original, t.Compressed, t.History = answer.Answer{}, answer.Answer{}, nil
	t.SeedOriginal, t.SeedCompressed = answer.Answer{}, answer.Answer{}
}

// abridged is a copy with no more than the numbers.
func (t *Trigger) abridged() *Trigger {
	light := *t
	light.abridge()
	return &light
}

// Abridged reports whether only the numbers of the trigger are left; see [Settings].KeepInputs.
func (t *Trigger) Abridged() bool { return t.Input.Data == nil }

// Hit is the first confirmed trigger of a seed, before closing in brought it nearer.
type Hit struct {
	Queries  int               `json:"queries"` // how many queries it took; 0 for a seed that deviates itself
	Distance distance.Distance `json:"distance"`
}

// SeedStatus is how the search of one seed ended.
type SeedStatus string

// The ways the search of one seed can end.
const (
	Triggered     SeedStatus = "triggered"    // a trigger was found and confirmed
	SeedExhausted SeedStatus = "exhausted"    // its budget ended without one
	GaveUp        SeedStatus = "gave-up"      // the strategy had nothing more to try
	Skipped       SeedStatus = "skipped"      // unusable; Reason says why
	Interrupted   SeedStatus = "interrupted"  // the whole search ended while it was under way
	NotSearched   SeedStatus = "not-searched" // the whole search ended before its turn
	OtherShard    SeedStatus = "other-shard"  // it belongs to another shard of the search; see [Shard]
)

// Outcome is what the search of one seed came to.
type Outcome struct {
	Index  int        `json:"index"`
	Name   string     `json:"name"`
	Label  int        `json:"label"`
	SeedID string     `json:"seed_id,omitempty"`
	Status SeedStatus `json:"status"`
	Reason string     `json:"reason,omitempty"` // why it was skipped
	// LeftOut is how many of the strategy's operators were left out, as they cannot change this input.
	LeftOut int `json:"left_out,omitempty"`
	// Pathless says that no path could lead to a seed of another label, see [PathSearcher].
	Pathless bool `json:"pathless,omitempty"`
	// MisreadAs is the label that the original gives to the seed itself, where that is not its true
	// class; nil otherwise.
	MisreadAs *int `json:"misread_as,omitempty"`
	Queries   int  `json:"queries"`
	// Unstable counts hits that did not repeat when both models ran again alone.
	Unstable int `json:"unstable,omitempty"`
	// Ties counts queries in which the top labels differ only within a tie, which is no deviation.
	Ties int `json:"ties,omitempty"`
	// Unusable counts queries whose answer tells nothing, as the original gives NaN or infinity for them.
	Unusable int `json:"unusable,omitempty"`
	// Gradients counts gradients of either model, which are no queries.
	Gradients int      `json:"gradients,omitempty"`
	Trigger   *Trigger `json:"trigger,omitempty"` // the nearest one found
	// OtherCauses counts hits of other causes than those that were asked for, and Apart is the first of them; see [Settings].CausedBy.
	OtherCauses int      `json:"other_causes,omitempty"`
	Apart       *Trigger `json:"apart,omitempty"`
	// FirstHit is what the trigger was at first; nil when there is none.
	FirstHit *Hit `json:"first_hit,omitempty"`
	// Nearest is how near the queries came to a deviation, as the smallest shortfall of a [answer.Graded]
	// oracle; nil for other oracles and for seeds with a trigger.
	Nearest *float64 `json:"nearest,omitempty"`
	// Seconds is this seed's share of the time of the batches it took part in.
	Seconds float64 `json:"seconds"`
}

// Status is how a whole search ended. Running out of a budget is a status, not an error.
type Status string

// The ways a search can end.
const (
	AllSearched    Status = "all-searched"    // every seed came to its end
	EnoughTriggers Status = "enough-triggers" // Settings.StopAfter triggers were found
	QueryLimit     Status = "query-limit"     // Budget.Queries is spent
	TimeLimit      Status = "time-limit"      // Budget.Time is spent
	Cancelled      Status = "cancelled"       // the context was cancelled or its deadline passed
	Failed         Status = "failed"          // an error ended it; what was found so far stands
)

// Partial reports whether the search ended before every seed came to its end.
func (s Status) Partial() bool { return s != AllSearched }

// Ledger is what was spent. A query is one input evaluated by both models.
type Ledger struct {
	Screened      int `json:"screened"`      // seeds evaluated as they are; not counted as queries
	Queries       int `json:"queries"`       // candidates answered by both models
	Repeated      int `json:"repeated"`      // queries among them whose input was known, with its answers
	Confirmations int `json:"confirmations"` // hits evaluated again alone; not counted as queries
	Unstable      int `json:"unstable"`      // hits that did not repeat
	Ties          int `json:"ties"`          // differences within a tie, which are no deviations
	Skipped       int `json:"skipped"`       // seeds that could not be used
	// Unusable counts queries for which the original gives NaN or infinity, so that they tell nothing. They are no
	// deviations.
	Unusable int `json:"unusable,omitempty"`
	// Between counts answers of the models between the original and the compressed one, which are asked about hits alone; they are no queries.
	Between int `json:"between,omitempty"`
	// OtherCauses counts hits of other causes than those that were asked for; see [Settings].CausedBy.
	OtherCauses int `json:"other_causes,omitempty"`
	// Gradients counts gradients of either model, which are no queries; see [GradientSearcher].
	Gradients int `json:"gradients,omitempty"`
	// OriginalOnly counts candidates that the original alone was asked about, see [OriginalAsker]: two of them are one of Queries.
	OriginalOnly int `json:"original_only,omitempty"`
}

// add adds what was spent elsewhere.
func (l *Ledger) add(spent Ledger) {
	l.Screened += spent.Screened
	l.Queries += spent.Queries
	l.Repeated += spent.Repeated
	l.Confirmations += spent.Confirmations
	l.Unstable += spent.Unstable
	l.Ties += spent.Ties
	l.Unusable += spent.Unusable
	l.Between += spent.Between
	l.OtherCauses += spent.OtherCauses
	l.Gradients += spent.Gradients
	l.OriginalOnly += spent.OriginalOnly
}

// Timing is the part of a report that differs from run to run.
type Timing struct {
	Started           time.Time `json:"started"`
	WallSeconds       float64   `json:"wall_s"`
	OriginalSeconds   float64   `json:"original_s"`   // in the original model, summed over workers
	CompressedSeconds float64   `json:"compressed_s"` // in the compressed model, summed over workers
	// BetweenSeconds is that of the models between them.
	BetweenSeconds float64 `json:"between_s,omitempty"`
	// EncodingSeconds is the time in which inputs were written in the form that each model takes, as far as the models tell it; see
	// [model.EncodingTimer]. It is no part of the models' time, and is 0 in reports of distributed searches.
	EncodingSeconds float64 `json:"encoding_s,omitempty"`
	// ModelSeconds is the wall time during which the models ran: all models' time over the
	// number of workers.
	ModelSeconds     float64 `json:"model_s"`
	QueriesPerSecond float64 `json:"queries_per_s"`
}

// Overhead is the share of wall time that went into anything but the models: 1 - model_s/wall_s.
func (t Timing) Overhead() float64 {
	if t.WallSeconds <= 0 {
		return 0
	}
	return 1 - t.ModelSeconds/t.WallSeconds
}

// Execution is how the work was laid out; it has no influence on what is found.
type Execution struct {
	BatchSize int `json:"batch_size"`
	Workers   int `json:"workers"`
}

// Report is what a search found and what it spent.
type Report struct {
	Pair       string            `json:"pair"`
	Original   model.Description `json:"original"`
	Compressed model.Description `json:"compressed"`
	// Causes are the steps from the original to the compressed model, where the models between them are known, and Between are these: one less. CausedBy
	// are those causes that a trigger has to have; none means any.
	Causes   []model.Cause       `json:"causes,omitempty"`
	Between  []model.Description `json:"between,omitempty"`
	CausedBy []model.Cause       `json:"caused_by,omitempty"`

	Strategy   string `json:"strategy"`
	Oracle     string `json:"oracle"`
	Bound      string `json:"bound,omitempty"`
	Aim        string `json:"aim"`
	Budget     Budget `json:"budget"`
	RandomSeed uint64 `json:"random_seed"`
	StopAfter  int    `json:"stop_after,omitempty"`
	// Pool is the number of inputs of Settings.Pool that paths might lead to.
	Pool int `json:"pool,omitempty"`
	// Shard says which part of a search this is. Seeds of other shards have the status [OtherShard]
	// and are in no count.
	Shard Shard `json:"shard,omitzero"`
	// SkippedAtMost is that of the [Settings].
	SkippedAtMost float64 `json:"skipped_at_most,omitempty"`

	// ClassNames are the names that the seeds carry for the classes, by label; see [input.ClassNamer].
	ClassNames []string `json:"class_names,omitempty"`

	Status   Status    `json:"status"`
	Seeds    []Outcome `json:"seeds"`
	Ledger   Ledger    `json:"ledger"`
	Warnings []string  `json:"warnings,omitempty"`
	// AllowIdentical is that of the settings.
	AllowIdentical bool `json:"allow_identical,omitempty"`
	// IdenticalScores is the number of inputs that were evaluated, when both models gave the same scores for all of them, to the
	// last bit; 0 otherwise.
	IdenticalScores int `json:"identical_scores,omitempty"`
	// OnlyLabel is the label that the original gave to everything that was evaluated, where the oracle asks for labels; nil where it gave
	// several, or none. A search that found nothing is inconclusive then, see [CheckOneLabel].
	OnlyLabel *int `json:"only_label,omitempty"`
	// OneDecision says that the original decided alike about everything that was evaluated, by an oracle that compares other decisions than labels,
	// such as [answer.Threshold]. SeesNothing says why, where it saw nothing in any seed, as a detector without a box. Both make a search
	// that found nothing inconclusive.
	OneDecision bool     `json:"one_decision,omitempty"`
	SeesNothing string   `json:"sees_nothing,omitempty"`
	Notes       []string `json:"notes,omitempty"` // of the seeds; see [input.Noted]

	Execution Execution `json:"execution"`
	Timing    Timing    `json:"timing"`
}

// Triggers lists the triggers found, in the order of their seeds.
func (r *Report) Triggers() []*Trigger {
	var triggers []*Trigger
	for i := range r.Seeds {
		if t := r.Seeds[i].Trigger; t != nil {
			triggers = append(triggers, t)
		}
	}
	return triggers
}

// NotFinite is the number of triggers for which the compressed model gives NaN or infinity.
func (r *Report) NotFinite() int {
	n := 0
	for _, t := range r.Triggers() {
		if t.Kind == answer.NotFinite {
			n++
		}
	}
	return n
}

// Nearest says how near the search came to a deviation where it found none: the smallest shortfall of
// any query, and the median over seeds of each one's smallest. It reports false when every seed has a
// trigger, or when the oracle is not [answer.Graded].
func (r *Report) Nearest() (least, median float64, ok bool) {
	var nearest []float64
	for _, o := range r.Seeds {
		if o.Nearest != nil {
			nearest = append(nearest, *o.Nearest)
		}
	}
	if len(nearest) == 0 {
		return 0, 0, false
	}
	slices.Sort(nearest)
	return nearest[0], nearest[len(nearest)/2], true
}

// LeftOut is the number of seeds for which operators of the strategy were left out.
func (r *Report) LeftOut() int {
	n := 0
	for _, o := range r.Seeds {
		if o.LeftOut > 0 {
			n++
		}
	}
	return n
}

// Usable is the number of seeds that were not skipped, and not left to another shard.
func (r *Report) Usable() int { return r.Own() - r.Ledger.Skipped }

// Own is the number of seeds that belong to the shard: all of them when there are no shards.
func (r *Report) Own() int {
	n := 0
	for _, o := range r.Seeds {
		if o.Status != OtherShard {
			n++
		}
	}
	return n
}

// Canonical is the part of the report that the random seed, the options, the models and the seeds
// decide, as JSON: equal searches have equal bytes, whatever batch size, worker count and machine
// speed. Times and [Execution] are left out.
func (r *Report) Canonical() ([]byte, error) {
	c := *r
	c.Timing, c.Execution = Timing{}, Execution{}
	c.Seeds = slices.Clone(r.Seeds)
	for i := range c.Seeds {
		c.Seeds[i].Seconds = 0
	}
	return json.MarshalIndent(c, "", "  ")
}
