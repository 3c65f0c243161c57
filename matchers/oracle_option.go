package matchers

import (
	"errors"

	"github.com/triggerfinder/triggerfinder/engine"
)

// judgedBy takes the oracle that a user gave JudgedBy.
func judgedBy(oracle engine.Oracle, into *engine.Oracle, misuse *[]error) {
	if oracle == nil {
		*misuse = append(*misuse, errors.New("JudgedBy(nil): expected an oracle such as engine.Top1()"))
		return
	}
	*into = oracle
}
