package main

import (
	"io"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/stats"
)

func TestUnknownExperimentIsAnError(t *testing.T) {
	if err := run(t.Context(), []string{"-only", "speed"}, io.Discard); err == nil || !strings.Contains(err.Error(), "-only speed: no such experiment") {
		t.Errorf("error %v", err)
	}
}

func TestNaiveLinesAreThoseOfTheBounds(t *testing.T) {
	look := naiveLines(0.1, 200)
	for n := 1; n <= 200; n++ {
		for k := range n + 1 {
			below, notBelow := look(k, n)
			if below != (stats.ClopperPearsonUpper(k, n, confidence) < 0.1) || notBelow != (stats.ClopperPearsonLower(k, n, confidence) >= 0.1) {
				t.Fatalf("%d of %d: below %t, not below %t", k, n, below, notBelow)
			}
		}
	}
}
