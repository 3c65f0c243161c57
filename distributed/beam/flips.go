package beam

import (
	"context"
	"encoding"
	"errors"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
)

// RunFlips counts how the answers to the plan's labelled seeds differ, on the runner that Beam's flags name, as [Run] searches. The flips, and the error, are those of
// [gate.MeasureFlips] with the same pair, seeds and settings:
//
//	flips, err := beam.RunFlips(ctx, job)
//	Expect(err).NotTo(HaveOccurred())
//	Expect(flips).To(matchers.HaveNegativeFlipRateBelow(0.01).PerClass(0.05))
//
// A piece that fails twice is an error.
func RunFlips(ctx context.Context, job Job) (*gate.Flips, error) {
	if err := job.run(ctx, flipsKind, func(s sdk.Scope) { CombineFlips(s, job, Evaluate(s, job)) }); err != nil {
		return nil, err
	}
	return LoadFlips(ctx, job.Folder)
}

// Evaluate evaluates the plan's labelled seeds as they are: a collection with a [Measured] for each piece of them, of SeedsAtOnce seeds, in multiples of
// [gate.PartOf].
func Evaluate(s sdk.Scope, job Job) sdk.PCollection {
	return measure(s.Scope("triggerfinder.Evaluate"), job, flipsKind)
}

// CombineFlips puts what was evaluated together, and writes flips.json into the job's folder. The collection has one [MeasuredSummary]. [LoadFlips] reads the flips.
func CombineFlips(s sdk.Scope, job Job, evaluated sdk.PCollection) sdk.PCollection {
	return conclude(s.Scope("triggerfinder.CombineFlips"), job, evaluated, flipsKind)
}

// LoadFlips puts together the counts that a job left in its folder; see [RunFlips]. Where some are missing, the error is [ErrUnfinished].
func LoadFlips(ctx context.Context, folder string) (*gate.Flips, error) {
	sum := new(flipSum)
	if err := (adder{sum}).load(ctx, folder, flipsKind); err != nil {
		return nil, err
	}
	flips, err := sum.Flips()
	if errors.Is(err, gate.ErrSeedsMissing) {
		return nil, unfinished(folder, err)
	}
	return flips, err
}

func newFlipMeter(ctx context.Context, plan *Plan, seeds input.Seeds) (*meter, error) {
	counter, err := gate.NewFlipCounter(ctx, plan.Pair, seeds, plan.Flips)
	if err != nil {
		return nil, err
	}
	return &meter{
		id: counter.ID(), all: seeds.Len(),
		measure: func(ctx context.Context, from, to int) (encoding.BinaryMarshaler, error) {
			counts, err := counter.Count(ctx, from, to)
			if err != nil {
				return nil, err
			}
			return counts, nil
		},
		span: func(data []byte) (from, to int, err error) {
			var counts gate.FlipCounts
			if err := counts.UnmarshalBinary(data); err != nil {
				return 0, 0, err
			}
			from, to = counts.Span()
			return from, to, nil
		},
	}, nil
}

// flipSum is a [sum].
type flipSum struct{ gate.FlipCombiner }

func (s *flipSum) add(data []byte) error {
	var counts gate.FlipCounts
	if err := counts.UnmarshalBinary(data); err != nil {
		return err
	}
	return s.Add(&counts)
}

func (s *flipSum) decided() bool { return false }

// flipsDocument is flips.json.
type flipsDocument struct {
	Format     string   `json:"format"`
	Version    int      `json:"version"`
	Pair       string   `json:"pair"`
	ClassNames []string `json:"class_names,omitempty"`
	*gate.Flips
}

func (s *flipSum) result() (any, error) {
	f, err := s.Flips()
	if err != nil {
		return nil, err
	}
	return flipsDocument{"triggerfinder flips", 1, f.Pair, f.ClassNames, f}, nil
}
