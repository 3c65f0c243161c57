package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
)

func TestTooManySkippedSeedsAreAnError(t *testing.T) {
	for _, test := range []struct {
		seeds, unusable int
		atMost          float64
		refused         bool
	}{
		{10, 1, 0, false}, {10, 2, 0, true}, {10, 9, 0, true}, {10, 9, 0.9, false}, {10, 9, 1, false}, {10, 3, 0.25, true},
		{20, 2, 0, false}, {20, 3, 0, true}, {10, 1, -1, true}, {10, 0, -1, false},
	} {
		s := enginetest.Settings()
		s.SkippedAtMost = test.atMost
		r, err := engine.Search(t.Context(), enginetest.BrightnessPair(), broken{enginetest.GreySeeds(test.seeds), test.unusable}, s)
		if errors.Is(err, engine.ErrTooManySkipped) != test.refused || !test.refused && err != nil {
			t.Errorf("%d of %d skipped, at most %g: error %v", test.unusable, test.seeds, test.atMost, err)
		}
		if r == nil || r.Ledger.Skipped != test.unusable || len(r.Triggers()) == 0 {
			t.Errorf("%d of %d skipped, at most %g: what was found is lost", test.unusable, test.seeds, test.atMost)
		}
	}
	s := enginetest.Settings()
	s.SkippedAtMost = 1.5
	if _, err := engine.Search(t.Context(), enginetest.BrightnessPair(), enginetest.GreySeeds(3), s); err == nil || !strings.Contains(err.Error(), "SkippedAtMost is 1.5; expected a share of at most 1") {
		t.Errorf("a share of 1.5: error %v", err)
	}
}

func TestTheCommonestReasonsAreNamed(t *testing.T) {
	seeds := enginetest.GreySeeds(10)
	for i := range 3 {
		seeds[5+i].Input.Data[i] = -1
	}
	s := enginetest.Settings()
	_, err := engine.Search(t.Context(), enginetest.BrightnessPair(), broken{seeds, 2}, s)
	const says = "too many seeds skipped: 5 of 10 (50 %), where at most 10 % may be, unless SkippedAtMost accepts more; " +
		"3 because: value -1 at index 0: expected a value of the domain 0..255 step 1; 2 because: image-0.png: expected a PNG image"
	if !errors.Is(err, engine.ErrTooManySkipped) || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v; expected one that says %q", err, says)
	}
}

func TestSeedsThatAreLeftOutOnPurposeAreNotSkippedByAccident(t *testing.T) {
	seeds := enginetest.GreySeeds(10)
	for i := range 4 {
		seeds[i].Label = 1 // which the original does not say
	}
	s := enginetest.Settings()
	s.SkipMisread = true
	if r, err := engine.Search(t.Context(), enginetest.BrightnessPair(), seeds, s); err != nil || r.Ledger.Skipped == 0 {
		t.Errorf("error %v", err)
	}
}

// Each shard judges its own seeds, and the whole is judged again.
func TestMergedSearchesOfTooFewSeeds(t *testing.T) {
	var parts []*engine.Report
	for i := range 3 {
		s := enginetest.Settings()
		s.Shard = engine.Shard{Index: i, Total: 3}
		r, err := engine.Search(t.Context(), enginetest.BrightnessPair(), broken{enginetest.GreySeeds(12), 3}, s)
		if !errors.Is(err, engine.ErrTooManySkipped) {
			t.Errorf("shard %d: error %v", i, err)
		}
		parts = append(parts, r)
	}
	merged, err := engine.Merge(parts...)
	if !errors.Is(err, engine.ErrTooManySkipped) {
		t.Errorf("merged: error %v", err)
	}
	if diff := cmp.Diff(engine.SkipReasons{{Reason: "image-0.png: expected a PNG image, found text", Seeds: 3}}, merged.SkipReasons()); diff != "" {
		t.Error(diff)
	}
}
