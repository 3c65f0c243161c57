package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Budget limits a search. A limit of 0 has no effect, but at least one must be set. Reports are
// the same in every run under query limits; time limits depend on the machine.
type Budget struct {
	// QueriesPerSeed is the most queries spent on one seed.
	QueriesPerSeed int `json:"queries_per_seed,omitempty"`
	// Queries is the most queries spent in all. Seeds take turns, so that it is shared fairly.
	Queries int `json:"queries,omitempty"`
	// TimePerSeed is the most time spent on one seed: its share of the batches it took part in.
	TimePerSeed time.Duration `json:"time_per_seed,omitempty"`
	// Time is the most time spent in all.
	Time time.Duration `json:"time,omitempty"`
	// ClosingQueriesPerSeed is the most queries spent on one seed after its first trigger, to bring
	// that nearer to the seed; see [Closer]. They count for the other limits too. Candidates that were asked about
	// together with the first trigger are among them, also where they are more than this limit. 0 means none: the
	// search of a seed ends at its first trigger.
	ClosingQueriesPerSeed int `json:"closing_queries_per_seed,omitempty"`
	// MinQueriesPerSeed is what every usable seed must have had before "nothing found" may be
	// said; a search that ends earlier without a trigger is an error. 0 means 10, or
	// QueriesPerSeed where that is less.
	MinQueriesPerSeed int `json:"min_queries_per_seed,omitempty"`
}

func (b Budget) validate() error {
	for _, limit := range []struct {
		name  string
		value int64
	}{
		{"QueriesPerSeed", int64(b.QueriesPerSeed)},
		{"Queries", int64(b.Queries)},
		{"TimePerSeed", int64(b.TimePerSeed)},
		{"Time", int64(b.Time)},
		{"ClosingQueriesPerSeed", int64(b.ClosingQueriesPerSeed)},
		{"MinQueriesPerSeed", int64(b.MinQueriesPerSeed)},
	} {
		if limit.value < 0 {
			return fmt.Errorf("budget: %s is %d; expected 0 (no limit) or more", limit.name, limit.value)
		}
	}
	if b.QueriesPerSeed == 0 && b.Queries == 0 && b.TimePerSeed == 0 && b.Time == 0 {
		return fmt.Errorf("budget is 0: expected at least one of QueriesPerSeed, Queries, TimePerSeed and Time above 0")
	}
	return nil
}

func (b Budget) minimum() int {
	m := b.MinQueriesPerSeed
	if m == 0 {
		m = 10
	}
	if b.QueriesPerSeed > 0 {
		m = min(m, b.QueriesPerSeed)
	}
	return m
}

// Settings are the options of a [Search]. The zero value of each field is valid, except that a
// Strategy and a Budget are needed.
type Settings struct {
	// Strategy proposes candidates.
	Strategy Strategy
	// Oracle decides what a deviation is. nil means [answer.Top1].
	Oracle answer.Oracle
	// Budget limits the search.
	Budget Budget
	// RandomSeed is the source of all randomness: the same one gives the same report.
	RandomSeed uint64
	// StopAfter ends the search when this many triggers were found. 0 means to search every seed.
	StopAfter int
	// Bound keeps candidates near their seed. nil means anywhere in the domain.
	Bound distance.Bound
	// Aim is the distance by which closing in prefers one trigger over another.
	Aim distance.Aim
	// Pool are inputs like the seeds that are not searched themselves: paths may lead to them, as to seeds, where the strategy is a
	// [PoolStrategy]. It is for seeds of one label, from which paths to inputs of another class find the nearest triggers. They need no
	// labels, cost no queries, and are left out where they cannot be used or deviate themselves. nil means the seeds alone.
	Pool input.Seeds
	// Shard makes this a part of a search of which other parts run elsewhere. The zero value is the whole.
	Shard Shard
	// Strict makes a seed that cannot be used an error instead of a skipped one.
	Strict bool
	// SkippedAtMost is the largest share of the seeds that may be skipped, up to 1: when more cannot be used, the
	// search ends with [ErrTooManySkipped], since it says little about the seeds that were given. 0 means 0.1, below 0
	// none. Seeds that SkipMisread leaves out do not count.
	SkippedAtMost float64
	// CausedBy makes deviations of these causes alone triggers: those that a step of one of these shows, by itself or with others, and
	// [NoStepAlone]. It takes a pair made by [model.NewChain]. The models in between are asked about hits alone, which are in no
	// budget. Hits of other causes are counted, in [Ledger].OtherCauses, the first one of each seed is kept, in [Outcome].Apart, and the search of
	// the seed goes on. None means deviations of any cause; those of such a pair are traced all the same.
	CausedBy []model.Cause
	// AllowIdentical accepts that both models give the same scores, to the last bit, for everything, and that one is the other
	// saved again: it is for asserting that of a transformation that should change nothing, such as a graph optimiser. Without it
	// that is an error, [ErrIdenticalScores] or [ErrSameModel], as it mostly means that nothing was compressed. Equal labels of
	// models that give labels alone are no error.
	AllowIdentical bool
	// SkipMisread leaves out seeds that the original itself misreads; those without a label stay. They
	// are counted in the report either way, see [Report.Misread].
	SkipMisread bool
	// BatchSize is the most inputs given to a model at once. 0 means 32 and, of inputs that take 256 KiB or more as numbers, as many as take 2 MiB,
	// for models in files that run on the processor.
	BatchSize int
	// Workers is the number of batches under way at once. 0 means one a processor.
	Workers int
	// Window is the most seeds that are searched side by side. 0 means 64, and 16 of inputs that take 256 KiB or more as numbers. With StopAfter or
	// Budget.Queries it decides which seeds come first; otherwise it has no influence on a report.
	Window int
	// Memory is about how many bytes the seeds that are searched side by side may take, some 50 for each of their values: with large inputs it
	// makes the window smaller, down to one seed. It says nothing of what the models take, nor of two batches a worker. 0 means 512 MiB. With StopAfter or Budget.Queries it counts as Window does.
	Memory int
	// KeepInputs is how many triggers keep their inputs, scores and history in the report, so that
	// a search of very many seeds fits into memory; OnTrigger sees all of each. 0 means 1,000, or as many as take a quarter of
	// Memory where that is fewer, but 20.
	KeepInputs int
	// Refine is called for each trigger when the search of its seed ends, in a fixed order and never concurrently. What it
	// returns takes the trigger's place: another trigger of the same seed, such as a smaller one, or the one that it was given,
	// whose input it does not change; nil means that one as it was. Its queries are in no budget and no count, and limits of
	// time do not end its context. An error ends the search.
	Refine func(context.Context, *Trigger) (*Trigger, error)
	// OnTrigger is called for each trigger when the search of its seed ends, as Refine left it, in a fixed order and never
	// concurrently. What it does to the trigger has no part in the report; it does not change
	// the inputs. An error ends the search.
	OnTrigger func(*Trigger) error
	// OnProgress is called now and then, never concurrently.
	OnProgress func(Progress)
}

func (s Settings) validate() error {
	if s.Strategy == nil {
		return fmt.Errorf("settings: Strategy is nil; expected a strategy such as strategies.Boundary()")
	}
	for _, option := range []struct {
		name  string
		value int
	}{{"StopAfter", s.StopAfter}, {"BatchSize", s.BatchSize}, {"Workers", s.Workers}, {"Window", s.Window}, {"Memory", s.Memory}, {"KeepInputs", s.KeepInputs}} {
		if option.value < 0 {
			return fmt.Errorf("settings: %s is %d; expected 0 (the default) or more", option.name, option.value)
		}
	}
	if !(s.SkippedAtMost <= 1) {
		return fmt.Errorf("settings: SkippedAtMost is %g; expected a share of at most 1, such as 0.25", s.SkippedAtMost)
	}
	if err := s.Budget.validate(); err != nil {
		return err
	}
	return s.validateShard()
}
