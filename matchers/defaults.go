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
	// A matcher may be made before the flags are known: as a package's variable, or in TestMain.
	if testing.Testing() && flag.Parsed() && testing.Short() {
		return ShortBudget
	}
	return DefaultBudget
}
