// Package onnxplan describes a search of a pair of ONNX models in words, as JSON, so that it can be sent to the workers of a job of Apache Beam: a program that imports it knows the
// plan "onnx". Other pairs, strategies and sources take a plan of one's own; see beam.Register.
package onnxplan

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// Name is that of the plan.
const Name = "onnx"

func init() { beam.Register(Name, open) }

// Description is a search in words. Every worker has to reach the models: they belong into its image, under the same paths.
type Description struct {
	Original   string `json:"original"` // paths of ONNX files
	Compressed string `json:"compressed"`
	// Scale, Mean, Std and Layout ("NCHW" or "NHWC") are the options of package onnx with these names.
	Scale  []float64 `json:"scale,omitempty"`
	Mean   []float64 `json:"mean,omitempty"`
	Std    []float64 `json:"std,omitempty"`
	Layout string    `json:"layout,omitempty"`

	Seeds beam.Files `json:"seeds"`

	// Oracle and Bound are as answer.ParseOracle and distance.ParseBound read them; "" means other labels, anywhere in the domain.
	Oracle string `json:"oracle,omitempty"`
	Bound  string `json:"bound,omitempty"`
	// QueriesPerSeed and ClosingQueriesPerSeed are those of [engine.Budget]. 0 means 500, and no closing in.
	QueriesPerSeed        int     `json:"queries_per_seed,omitempty"`
	ClosingQueriesPerSeed int     `json:"closing_queries_per_seed,omitempty"`
	RandomSeed            uint64  `json:"random_seed,omitempty"`
	SkipMisread           bool    `json:"skip_misread,omitempty"`
	SkippedAtMost         float64 `json:"skipped_at_most,omitempty"`
	Workers               int     `json:"workers,omitempty"` // batches at once in each process; 0 means one a processor

	// Rate is what beam.RunRate measures; nil for nothing. Confidence is that of it and of beam.RunFlips; 0 means 0.95.
	Rate       *Rate   `json:"rate,omitempty"`
	Confidence float64 `json:"confidence,omitempty"`
}

// Rate is a rate of deviations.
type Rate struct {
	Below float64 `json:"below"` // the limit, above 0 and below 1
	// Draws is the most draws; 0 means 10,000, or twice as many as it takes to pass where none deviates, if that is more. Fixed makes all of them.
	Draws int  `json:"draws,omitempty"`
	Fixed bool `json:"fixed,omitempty"`
	// AsTheyAre draws seeds as they are, where generators.Corrupted changes them at a severity from the first number to the second; none means 0.1 to 1.
	AsTheyAre bool      `json:"as_they_are,omitempty"`
	Severity  []float64 `json:"severity,omitempty"`
}

// plan is the rate of the plan.
func (r Rate) plan(d Description, settings engine.Settings) (*beam.Rate, error) {
	if len(r.Severity) != 0 && len(r.Severity) != 2 {
		return nil, fmt.Errorf("onnxplan: severity: expected a lowest and a highest one, such as 0.1,0.5, found %v", r.Severity)
	}
	s := gate.RateSettings{
		Limit: r.Below, Confidence: d.Confidence, Oracle: settings.Oracle, Draws: r.Draws, Fixed: r.Fixed, RandomSeed: d.RandomSeed, Workers: d.Workers,
	}
	if s.Draws == 0 {
		s.Draws = 10_000
		if least, ok := gate.LeastDraws(s.Limit, cmp.Or(s.Confidence, 0.95), s.Fixed); ok {
			s.Draws = max(s.Draws, 2*least)
		}
	}
	return &beam.Rate{Settings: s, Under: func(seeds input.Seeds) (input.Distribution, error) {
		switch {
		case r.AsTheyAre:
			return generators.AsTheyAre(seeds), nil
		case r.Severity != nil:
			return generators.Corrupted(seeds).WithSeverity(generators.Between(r.Severity[0], r.Severity[1])), nil
		}
		return generators.Corrupted(seeds), nil
	}}, nil
}

// Job is a job of the plan, with its results in the folder.
func (d Description) Job(folder string) (beam.Job, error) {
	if d.Original == "" || d.Compressed == "" {
		return beam.Job{}, errors.New("onnxplan: expected the paths of both models, found none")
	}
	arguments, err := json.Marshal(d)
	if err != nil {
		return beam.Job{}, fmt.Errorf("onnxplan: %w", err)
	}
	return beam.Job{Plan: Name, Arguments: arguments, Folder: folder}, nil
}

func open(_ context.Context, arguments json.RawMessage) (*beam.Plan, error) {
	var d Description
	if err := json.Unmarshal(arguments, &d); err != nil {
		return nil, fmt.Errorf("onnxplan: %w", err)
	}
	return d.Open()
}

// Open makes the plan, with the models open, as each worker does.
func (d Description) Open() (*beam.Plan, error) {
	settings := engine.Settings{
		Strategy: strategies.Boundary(), RandomSeed: d.RandomSeed, SkipMisread: d.SkipMisread, SkippedAtMost: d.SkippedAtMost, Workers: d.Workers,
		Budget: engine.Budget{QueriesPerSeed: d.QueriesPerSeed, ClosingQueriesPerSeed: d.ClosingQueriesPerSeed},
	}
	if d.QueriesPerSeed == 0 {
		settings.Budget.QueriesPerSeed = 500
	}
	var err error
	if d.Oracle != "" {
		if settings.Oracle, err = answer.ParseOracle(d.Oracle, answer.Sources{}); err != nil {
			return nil, err
		}
	}
	if d.Bound != "" {
		if settings.Bound, err = distance.ParseBound(d.Bound); err != nil {
			return nil, err
		}
	}
	var rate *beam.Rate
	if d.Rate != nil {
		if rate, err = d.Rate.plan(d, settings); err != nil {
			return nil, err
		}
	}
	var options []onnx.Option
	for _, o := range []struct {
		values []float64
		make   func(...float64) onnx.Option
	}{{d.Scale, onnx.Scale}, {d.Mean, onnx.Mean}, {d.Std, onnx.Std}} {
		if o.values != nil {
			options = append(options, o.make(o.values...))
		}
	}
	if d.Layout != "" {
		options = append(options, onnx.Layout(onnx.Order(d.Layout)))
	}
	pair, err := onnx.OpenPair(d.Original, d.Compressed, options...)
	if err != nil {
		return nil, err
	}
	return &beam.Plan{
		Pair: pair, Settings: settings, Seeds: d.Seeds, Close: pair.Close,
		Rate: rate, Flips: gate.FlipSettings{Confidence: d.Confidence, SkippedAtMost: d.SkippedAtMost, Workers: d.Workers},
	}, nil
}
