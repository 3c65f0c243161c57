package matchers_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/matchers"
)

func TestWarningsEndAsSentences(t *testing.T) {
	got := matchers.Searched(&engine.Report{Warnings: []string{"all were slow", "do the labels fit?"}})
	if want := "\nWarning: all were slow.\nWarning: do the labels fit?"; !strings.Contains(got, want) || strings.Contains(got, "?.") {
		t.Errorf("got %q, expected %q in it", got, want)
	}
}
