package matchers

import (
	"flag"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
)

// DefaultBudget is the budget of [HaveDeviationFrom] unless it is told otherwise: some seconds on
// models of LeNet's size. The limits on queries come first there, so that results repeat; the limit on
// time is for slow models.
var DefaultBudget = engine.Budget{QueriesPerSeed: 1000, ClosingQueriesPerSeed: 100, Queries: 60_000, Time: time.Minute}

// ShortBudget takes the place of [DefaultBudget] under go test -short.
var ShortBudget = engine.Budget{QueriesPerSeed: 200, ClosingQueriesPerSeed: 20, Queries: 12_000, Time: 15 * time.Second}

// defaultSaved is how many triggers of a search are saved.
const defaultSaved = 20

func defaultBudget() engine.Budget {
	if short() {
		return ShortBudget
	}
	return DefaultBudget
}

// short and verbose are the flags of go test. A matcher may be made before they are known, as a package's variable or in
// TestMain, and package testing panics when it is asked then.
func short() bool { return testing.Testing() && flag.Parsed() && testing.Short() }

func verbose() bool { return testing.Testing() && flag.Parsed() && testing.Verbose() }

// DefaultDraws is the most draws of [HaveDeviationRateBelow] unless it is told otherwise, or twice as many as
// it takes when none deviates, where that is more; they may take [DefaultDrawingTime].
var (
	DefaultDraws       = 10_000
	DefaultDrawingTime = 2 * time.Minute
)

// ShortDraws and ShortDrawingTime take the place of [DefaultDraws] and [DefaultDrawingTime] under go test -short.
var (
	ShortDraws       = 2_000
	ShortDrawingTime = 20 * time.Second
)

const rateConfidence = 0.95
