package matchers

import (
	"fmt"
	"strconv"
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
	o := parseOracle(name)
	if o == nil || o.String() != name {
		return nil
	}
	return o
}

func parseOracle(name string) (o answer.Oracle) {
	or := func(made answer.Oracle, err error) answer.Oracle {
		if err != nil {
			return nil
		}
		return made
	}
	var number float64
	// The restriction that was put on last stands last.
	confident, gap := strings.LastIndex(name, " with the original at least "), strings.LastIndex(name, " with a gap of at least ")
	switch {
	case confident > gap:
		if _, err := fmt.Sscanf(name[confident:], " with the original at least %g confident", &number); err != nil {
			return nil
		}
		if inner := parseOracle(name[:confident]); inner != nil {
			return or(answer.MinConfidence(number, inner))
		}
	case gap > confident:
		if _, err := fmt.Sscanf(name[gap:], " with a gap of at least %g in", &number); err != nil {
			return nil
		}
		if inner := parseOracle(name[:gap]); inner != nil {
			return or(answer.MinGap(number, inner))
		}
	case name == answer.LabelOnly().String():
		return answer.LabelOnly()
	case strings.HasPrefix(name, "top-"):
		k, err := strconv.Atoi(strings.TrimPrefix(name, "top-"))
		if err == nil {
			return or(answer.TopK(k))
		}
	case strings.HasPrefix(name, "score tolerance "):
		number, err := strconv.ParseFloat(strings.TrimPrefix(name, "score tolerance "), 64)
		if err == nil {
			return or(answer.ScoreTolerance(number))
		}
	case strings.HasPrefix(name, "tolerance "):
		measure, outputs, some := strings.Cut(strings.TrimPrefix(name, "tolerance "), " of ")
		var names []string
		if some {
			names = strings.Split(outputs, ", ")
		}
		if m, err := answer.ParseMeasure(measure); err == nil {
			return or(answer.Tolerance(m, names...))
		}
	}
	return nil
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
