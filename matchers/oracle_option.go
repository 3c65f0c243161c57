package matchers

import (
	"errors"

	"github.com/triggerfinder/triggerfinder/engine"
)

// oracleOption returns what takes the oracle that an option made, or notes why there is none.
func oracleOption(into *engine.Oracle, misuse *[]error) func(engine.Oracle, error) {
	return func(oracle engine.Oracle, err error) {
		if err != nil {
			*misuse = append(*misuse, err)
			return
		}
		*into = oracle
	}
}

// judge is the oracle that a user gave JudgedBy.
func judge(oracle engine.Oracle) (engine.Oracle, error) {
	if oracle == nil {
		return nil, errors.New("JudgedBy(nil): expected an oracle such as engine.Top1()")
	}
	return oracle, nil
}
