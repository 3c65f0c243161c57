//go:build cgo

package integration

import (
	"os"
	"path/filepath"
	"testing"
)

// cases are situations in which an earlier version was wrong in silence, by the folder of small models that shows each:
// what is right is a test. The folders lie beside the repository; where they do not, the tests of the packages hold the
// same on likes of these models that package onnxtest makes.
var cases = map[string]func(t *testing.T, dir string){
	"class-order":              caseClassOrder,
	"external-same-graph":      caseExternalSameGraph,
	"external-uint8-input":     caseExternalUint8Input,
	"external-weights-swapped": caseExternalWeightsSwapped,
	"nan-for-some-seeds":       caseNaNForSomeSeeds,
	"one-number-scores":        caseOneNumberScores,
	"output-shapes":            caseOutputShapes,
	"same-model-saved-again":   caseSameModelSavedAgain,
	"scores-guessed":           caseScoresGuessed,
	"second-input":             caseSecondInput,
	"softmax-sums-to-23":       caseSoftmaxSumsTo23,
	"zipmap":                   caseZipMap,
}

const casesFolder = "../../shared/cases"

func TestCases(t *testing.T) {
	entries, err := os.ReadDir(casesFolder)
	if err != nil {
		t.Skipf("the folder of cases is not beside the repository: %v", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		check, ok := cases[e.Name()]
		if !ok {
			t.Errorf("case %s: expected a test that says what is right, found none", e.Name())
			continue
		}
		t.Run(e.Name(), func(t *testing.T) { check(t, filepath.Join(casesFolder, e.Name())) })
	}
}
