package beam

import (
	"context"
	"encoding"
	"errors"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
)

// Rate is what a plan says of a rate of deviations that [RunRate] measures.
type Rate struct {
	// Under makes the distribution that is drawn from of the plan's seeds, such as by generators.Corrupted.
	Under func(seeds input.Seeds) (input.Distribution, error)
	// Settings are those of [gate.MeasureRate], but for a limit of time.
	Settings gate.RateSettings
}

// RunRate measures the rate of deviations that the job's plan asks for, on the runner that Beam's flags name, as [Run] searches. The rate, and the error
// beside it, are those of [gate.MeasureRate] with the same pair, distribution and settings:
//
//	rate, err := beam.RunRate(ctx, job)
//	Expect(err).NotTo(HaveOccurred())
//	Expect(rate).To(matchers.HaveDeviationRateBelow(0.01))
//
// Draws are made in pieces. Those behind the draw that decides count for nothing, and a piece of which this is known is not begun. A piece that fails twice is an
// error where it counts.
func RunRate(ctx context.Context, job Job) (*gate.Rate, error) {
	if err := job.run(ctx, rateKind, func(s sdk.Scope) { CombineRate(s, job, Draw(s, job)) }); err != nil {
		return nil, err
	}
	return LoadRate(ctx, job.Folder)
}

// Draw makes the draws of the rate that the job's plan asks for: a collection with a [Measured] for each piece of them, of SeedsAtOnce draws, in multiples of
// [gate.PartOf].
func Draw(s sdk.Scope, job Job) sdk.PCollection {
	return measure(s.Scope("triggerfinder.Draw"), job, rateKind)
}

// CombineRate puts all draws of a job together, and writes rate.json into the job's folder. The collection has one [MeasuredSummary]. [LoadRate] reads the rate.
func CombineRate(s sdk.Scope, job Job, drawn sdk.PCollection) sdk.PCollection {
	return conclude(s.Scope("triggerfinder.CombineRate"), job, drawn, rateKind)
}

// LoadRate puts together the draws that a job left in its folder; see [RunRate]. Where some are missing, the error is [ErrUnfinished].
func LoadRate(ctx context.Context, folder string) (*gate.Rate, error) {
	sum := new(rateSum)
	if err := (adder{sum}).load(ctx, folder, rateKind); err != nil {
		return nil, err
	}
	rate, err := sum.Rate()
	if errors.Is(err, gate.ErrDrawsMissing) {
		return nil, unfinished(folder, err)
	}
	return rate, err
}

func newRateMeter(ctx context.Context, plan *Plan, seeds input.Seeds) (*meter, error) {
	if plan.Rate == nil || plan.Rate.Under == nil {
		return nil, errors.New("beam: plan: Rate: expected a distribution to draw from and settings, found none")
	}
	distribution, err := plan.Rate.Under(seeds)
	if err != nil {
		return nil, err
	}
	drawer, err := gate.NewRateDrawer(ctx, plan.Pair, distribution, plan.Rate.Settings)
	if err != nil {
		return nil, err
	}
	return &meter{
		id: drawer.ID(), all: plan.Rate.Settings.Draws,
		measure: func(ctx context.Context, from, to int) (encoding.BinaryMarshaler, error) {
			draws, err := drawer.Draw(ctx, from, to)
			if draws == nil {
				return nil, err
			}
			return draws, err
		},
		span: func(data []byte) (from, to int, err error) {
			var draws gate.RateDraws
			if err := draws.UnmarshalBinary(data); err != nil {
				return 0, 0, err
			}
			from, to = draws.Span()
			return from, to, nil
		},
	}, nil
}

// rateSum is a [sum].
type rateSum struct{ gate.RateCombiner }

func (s *rateSum) add(data []byte) error {
	var draws gate.RateDraws
	if err := draws.UnmarshalBinary(data); err != nil {
		return err
	}
	return s.Add(&draws)
}

func (s *rateSum) decided() bool { return s.Decided() }

// rateDocument is rate.json.
type rateDocument struct {
	Format     string   `json:"format"`
	Version    int      `json:"version"`
	Pair       string   `json:"pair"`
	ClassNames []string `json:"class_names,omitempty"`
	*gate.Rate
}

func (s *rateSum) result() (any, error) {
	r, err := s.Rate()
	if r == nil {
		return nil, err
	}
	return rateDocument{"triggerfinder deviation rate", 1, r.Pair, r.ClassNames, r}, err
}
