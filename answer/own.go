package answer

import (
	"errors"
	"fmt"
	"strings"
)

// OracleFunc makes an oracle of a Go function, which tells whether two answers deviate. It is shown finite answers alone, has no state
// and is safe for concurrent use. Oracles that guide a search are [GradedFunc].
func OracleFunc(name string, deviates func(original, compressed Answer) bool) (Oracle, error) {
	if name == "" || deviates == nil {
		return nil, errors.New("answer: OracleFunc: expected a name and a function, found one missing")
	}
	return ownOracle{name, deviates}, nil
}

type ownOracle struct {
	name     string
	deviates func(original, compressed Answer) bool
}

func (o ownOracle) String() string { return o.name }

func (o ownOracle) Judge(original, compressed Answer) Verdict {
	return Verdict{Deviates: o.deviates(original, compressed)}
}

// GradedFunc makes an oracle of a Go function that tells how far two answers are from a deviation: 0 or less for one, more for
// farther. That leads a search, and tells how near one came that found nothing. Where it goes on below 0 for answers that are farther
// apart than a deviation needs, searches close in by that too; see [Measured].
func GradedFunc(name string, shortfall func(original, compressed Answer) float64) (Oracle, error) {
	if name == "" || shortfall == nil {
		return nil, errors.New("answer: GradedFunc: expected a name and a function, found one missing")
	}
	return gradedOracle{name, shortfall}, nil
}

type gradedOracle struct {
	name      string
	shortfall func(original, compressed Answer) float64
}

func (o gradedOracle) String() string { return o.name }

func (o gradedOracle) Judge(original, compressed Answer) Verdict {
	return Verdict{Deviates: o.shortfall(original, compressed) <= 0}
}

// Shortfall implements [Graded].
func (o gradedOracle) Shortfall(original, compressed Answer) float64 {
	return max(o.shortfall(original, compressed), 0)
}

// Telling is the oracle with words of one's own for the deviations that it finds; see [Teller].
func Telling(oracle Oracle, tell func(original, compressed Answer) Deviation) (Oracle, error) {
	if oracle == nil || tell == nil {
		return nil, errors.New("answer: Telling: expected an oracle and a function, found one missing")
	}
	t := telling{oracle, tell}
	if g, ok := oracle.(Graded); ok {
		return gradedTelling{t, g}, nil
	}
	return t, nil
}

type telling struct {
	Oracle
	tell func(original, compressed Answer) Deviation
}

// Deviation implements [Teller].
func (o telling) Deviation(original, compressed Answer) Deviation {
	return o.tell(original, compressed)
}

// ByLabel implements [ClassOracle].
func (o telling) ByLabel() bool { return ByLabel(o.Oracle) }

// Check implements [Checker].
func (o telling) Check(original, compressed Answer) error {
	if c, ok := o.Oracle.(Checker); ok {
		return c.Check(original, compressed)
	}
	return nil
}

// LabelOnly implements [LabelOnlyOracle].
func (o telling) LabelOnly() bool {
	l, ok := o.Oracle.(LabelOnlyOracle)
	return ok && l.LabelOnly()
}

func (o telling) byScores() bool { return ByScores(o.Oracle) }

type gradedTelling struct {
	telling
	graded Graded
}

// Shortfall implements [Graded].
func (o gradedTelling) Shortfall(original, compressed Answer) float64 {
	return o.graded.Shortfall(original, compressed)
}

// AnyOf deviates where any of several oracles does, and tells what the first of those tells. All of them are [Graded], so that it is
// too: its shortfall is the least of theirs.
func AnyOf(oracles ...Oracle) (Oracle, error) {
	if len(oracles) == 0 {
		return nil, errors.New("answer: AnyOf: expected at least one oracle, found none")
	}
	var of anyOf
	for i, oracle := range oracles {
		g, ok := oracle.(Graded)
		if !ok {
			return nil, fmt.Errorf("answer: AnyOf: oracle %d of %d: expected one that is graded, found %v", i+1, len(oracles), oracle)
		}
		if l, ok := oracle.(LabelOnlyOracle); ok && l.LabelOnly() {
			return nil, fmt.Errorf("answer: AnyOf: oracle %d of %d: expected one that looks at all numbers, found %v", i+1, len(oracles), oracle)
		}
		of = append(of, g)
	}
	return of, nil
}

type anyOf []Graded

var (
	_ Graded      = anyOf{}
	_ Teller      = anyOf{}
	_ Checker     = anyOf{}
	_ ClassOracle = anyOf{}
)

func (o anyOf) String() string {
	names := make([]string, len(o))
	for i, oracle := range o {
		names[i] = oracle.String()
	}
	return strings.Join(names, " or ")
}

func (o anyOf) Judge(original, compressed Answer) Verdict {
	var v Verdict
	for _, oracle := range o {
		own := oracle.Judge(original, compressed)
		if own.Deviates {
			return own
		}
		v.Tied = v.Tied || own.Tied
	}
	return v
}

// Shortfall implements [Graded].
func (o anyOf) Shortfall(original, compressed Answer) float64 {
	least := o[0].Shortfall(original, compressed)
	for _, oracle := range o[1:] {
		least = min(least, oracle.Shortfall(original, compressed))
	}
	return least
}

// Deviation implements [Teller].
func (o anyOf) Deviation(original, compressed Answer) Deviation {
	for _, oracle := range o {
		if oracle.Judge(original, compressed).Deviates {
			return DeviationOf(oracle, original, compressed)
		}
	}
	return DeviationOf(o[0], original, compressed)
}

// Check implements [Checker]: each has to be able to judge.
func (o anyOf) Check(original, compressed Answer) error {
	for _, oracle := range o {
		if err := Check(oracle, original, compressed); err != nil {
			return err
		}
	}
	return nil
}

// ByLabel implements [ClassOracle].
func (o anyOf) ByLabel() bool {
	for _, oracle := range o {
		if !ByLabel(oracle) {
			return false
		}
	}
	return true
}

func (o anyOf) byScores() bool {
	for _, oracle := range o {
		if ByScores(oracle) {
			return true
		}
	}
	return false
}
