package beam

import (
	"context"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/triggerfinder/triggerfinder/engine"
)

// Metrics are the names of the metrics that a job counts, in the namespace "triggerfinder". Work that is done twice is counted twice.
const (
	MetricSeeds            = "seeds"              // searched
	MetricQueries          = "queries"            // made
	MetricTriggers         = "triggers"           // found
	MetricSkipped          = "skipped"            // seeds that could not be used
	MetricGivenUp          = "given-up"           // of them, those whose search failed twice
	MetricDraws            = "draws"              // of a rate, made
	MetricEvaluated        = "evaluated"          // seeds, for flips
	MetricResumed          = "resumed"            // seeds, or draws, whose results were there from an earlier run
	MetricQueriesPerSecond = "queries-per-second" // of each piece of work
)

const namespace = "triggerfinder"

var (
	seedsDone        = sdk.NewCounter(namespace, MetricSeeds)
	queriesDone      = sdk.NewCounter(namespace, MetricQueries)
	triggersFound    = sdk.NewCounter(namespace, MetricTriggers)
	skipped          = sdk.NewCounter(namespace, MetricSkipped)
	givenUp          = sdk.NewCounter(namespace, MetricGivenUp)
	drawsMade        = sdk.NewCounter(namespace, MetricDraws)
	evaluated        = sdk.NewCounter(namespace, MetricEvaluated)
	resumed          = sdk.NewCounter(namespace, MetricResumed)
	queriesPerSecond = sdk.NewDistribution(namespace, MetricQueriesPerSecond)
)

func count(ctx context.Context, c sdk.Counter, n int) { c.Inc(ctx, int64(n)) }

func countOutcome(ctx context.Context, r *engine.SeedResult) {
	count(ctx, seedsDone, 1)
	count(ctx, queriesDone, r.Outcome.Queries)
	switch r.Outcome.Status {
	case engine.Triggered:
		count(ctx, triggersFound, 1)
	case engine.Skipped:
		count(ctx, skipped, 1)
	}
}
