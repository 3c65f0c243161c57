package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
)

// Around no seed does the bound leave room, or its region cannot be: nothing is searched.
func TestABoundThatCannotBeSearchedIsAnError(t *testing.T) {
	for _, test := range []struct {
		bound distance.Bound
		want  error
		says  string
	}{
		{distance.LInf(0.03), distance.ErrNoRoom, "the smallest useful one is LInf 1; 0.03 of the range is LInf 7.65"},
		{distance.AllOf(distance.LInf(8), distance.L2(0.1)), distance.ErrNoRoom, "as none lies within L2 0.1"},
		{oneRegion{enginetest.Box{Low: make([]float32, 3), High: make([]float32, 144)}}, engine.ErrNoUsableSeeds, "expected 144 values each, as the seed has, found 3 and 144"},
	} {
		r, err := engine.Search(t.Context(), enginetest.SmoothPair(), enginetest.PatternSeeds(4), enginetest.BoundarySettings(func(s *engine.Settings) { s.Bound = test.bound }))
		if !errors.Is(err, test.want) || !strings.Contains(fmt.Sprint(err), test.says) {
			t.Errorf("%s: error %v; expected %v that says %q", test.bound, err, test.want, test.says)
		}
		if r == nil || r.Ledger.Queries != 0 {
			t.Errorf("%s: it was searched all the same", test.bound)
		}
	}
}

// oneRegion is a bound with the same region around every seed.
type oneRegion struct{ region distance.Region }

func (oneRegion) String() string { return "fixed" }

func (b oneRegion) Around(input.Input) (distance.Region, error) { return b.region, nil }

// A box may leave its seed out.
func TestABoxOfItsOwnPlaceIsSearched(t *testing.T) {
	box := enginetest.Box{Low: make([]float32, 144), High: slices.Repeat([]float32{200}, 144)}
	r, err := engine.Search(t.Context(), enginetest.SmoothPair(), enginetest.PatternSeeds(4), enginetest.BoundarySettings(func(s *engine.Settings) { s.Bound = oneRegion{box} }))
	if err != nil || r.Usable() != 4 {
		t.Errorf("error %v, report %+v", err, r)
	}
}

// A bound of one's own may have room around some seeds alone: those are searched, and the others told.
func TestSeedsWithoutRoomAreSkipped(t *testing.T) {
	relative := relativeBound(0.02)
	seeds := enginetest.PatternSeeds(10)
	for i := range seeds[4].Input.Data {
		seeds[4].Input.Data[i] = 20 // of which 0.02 is less than a step
	}
	r, err := engine.Search(t.Context(), enginetest.SmoothPair(), seeds, enginetest.BoundarySettings(func(s *engine.Settings) { s.Bound = relative }))
	if err != nil {
		t.Fatal(err)
	}
	if o := r.Seeds[4]; o.Status != engine.Skipped || !strings.Contains(o.Reason, "no input but the seed lies within relative 0.02") {
		t.Errorf("seed 4: %s, %q", o.Status, o.Reason)
	}
	if r.Usable() != 9 {
		t.Errorf("%d usable; expected 9", r.Usable())
	}
}

type relativeBound float32

func (b relativeBound) String() string { return fmt.Sprintf("relative %g", float32(b)) }

func (b relativeBound) Around(seed input.Input) (distance.Region, error) {
	return distance.LInf(float32(b) * slices.Max(seed.Data)).Around(seed)
}

// A seed that deviates as it is needs no room.
func TestDeviatingSeedsNeedNoRoom(t *testing.T) {
	seeds := enginetest.PatternSeeds(3)
	for i := range seeds {
		enginetest.Deviate(t, seeds, i)
	}
	r, err := engine.Search(t.Context(), enginetest.SmoothPair(), seeds, enginetest.BoundarySettings(func(s *engine.Settings) { s.Bound = distance.LInf(0) }))
	if err != nil || len(r.Triggers()) != 3 {
		t.Errorf("error %v, report %+v", err, r)
	}
}

func TestBoundHoldsForEveryCandidate(t *testing.T) {
	s := enginetest.Settings()
	s.Bound = distance.LInf(30)
	watch := &watching{Strategy: s.Strategy}
	s.Strategy = watch
	report, _ := engine.Search(t.Context(), enginetest.BrightnessPair(), enginetest.GreySeeds(30), s)
	if watch.farthest() > 30 || watch.farthest() < 20 {
		t.Errorf("the farthest candidate is %g away; expected up to 30", watch.farthest())
	}
	if report.Bound != "LInf 30" {
		t.Errorf("the report says bound %q", report.Bound)
	}
}
