package report

import (
	"github.com/triggerfinder/triggerfinder/answer"
)

// drawnBy is the oracle of a name by which answers are drawn over a picture; nil for others.
func drawnBy(name string) answer.Oracle {
	if name == "" {
		return nil
	}
	if oracle, err := answer.ParseOracle(name, answer.Sources{}); err == nil && answer.Drawable(oracle) {
		return oracle
	}
	return nil
}
