package matchers

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// saveEvidence writes the report of a search as evidence.
func saveEvidence(file string, r *engine.Report) error {
	e, err := gate.EvidenceOf(r)
	if err != nil {
		return fmt.Errorf("SavingEvidence(%q): %w", file, err)
	}
	return report.SaveEvidence(file, e)
}

// settingsOf are the settings of the search that the evidence is of. What cannot be made from its name alone
// stays nil.
func settingsOf(e *gate.Evidence) (engine.Settings, error) {
	aim, err := distance.ParseAim(e.Aim)
	return engine.Settings{
		Strategy: strategyNamed(e.Strategy), Oracle: oracleNamed(e.Oracle), Bound: boundNamed(e.Bound), Aim: aim,
		Budget: e.Budget, RandomSeed: e.RandomSeed,
	}, err
}

// strategyNamed is the ready-made strategy of the name, or nil.
func strategyNamed(name string) engine.Strategy {
	natural := strategies.Boundary()
	natural.Natural = true
	for _, s := range []engine.Strategy{
		strategies.Boundary(), natural, strategies.TriggerFinder(), strategies.TriggerFinderAsReleased(),
		strategies.DiffChaser(), strategies.Random(), strategies.Square(),
	} {
		if s.String() == name {
			return s
		}
	}
	return nil
}

// oracleNamed is the oracle of that name, or nil.
func oracleNamed(name string) answer.Oracle {
	o, err := answer.ParseOracle(name, answer.Sources{})
	if err != nil || o.String() != name {
		return nil
	}
	return o
}

// boundNamed is the bound of that name, or nil.
func boundNamed(name string) distance.Bound {
	parse := strings.NewReplacer("LInf ", "linf=", "L2 ", "l2=", "L0 ", "l0=", "SSIM >= ", "ssim=").Replace(name)
	b, err := distance.ParseBound(parse)
	if err != nil || b.String() != name {
		return nil
	}
	return b
}
