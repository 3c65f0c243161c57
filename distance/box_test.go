package distance_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// within is a user's bound by how far a value may move, which knows its ends.
type within float32

func (b within) String() string { return fmt.Sprintf("within %g", float32(b)) }

func (b within) Around(seed input.Input) (distance.Region, error) {
	r := userBox{low: slices.Clone(seed.Data), high: slices.Clone(seed.Data)}
	for i, s := range seed.Data {
		r.low[i], r.high[i] = seed.Domain.Snap(s-float32(b)), seed.Domain.Snap(s+float32(b))
	}
	return r, nil
}

type userBox struct{ low, high []float32 }

func (r userBox) Ends() (low, high []float32) { return r.low, r.high }

func (r userBox) Project(candidate input.Input) {
	for i, v := range candidate.Data {
		candidate.Data[i] = min(max(candidate.Domain.Snap(v), r.low[i]), r.high[i])
	}
}

func (r userBox) Contains(candidate input.Input) bool {
	for i, v := range candidate.Data {
		if v < r.low[i] || v > r.high[i] {
			return false
		}
	}
	return true
}

// halfPlane is a user's bound that is no box: its name says nothing about where its region ends.
type halfPlane struct{ distance.Bound }

type plainRegion struct{ distance.Region }

func (b halfPlane) Around(seed input.Input) (distance.Region, error) {
	region, err := b.Bound.Around(seed)
	return plainRegion{region}, err
}

// foundWithin is what a search within a bound finds, and what that takes.
func foundWithin(t *testing.T, bound distance.Bound, closing int) (found []string, climbs int) {
	t.Helper()
	r := enginetest.Search(t, enginetest.SmoothPair(), enginetest.PatternSeeds(40), enginetest.BoundarySettings(func(s *engine.Settings) {
		s.Bound, s.Budget = bound, engine.Budget{QueriesPerSeed: 150, ClosingQueriesPerSeed: closing}
	}))
	for _, o := range r.Seeds {
		line := fmt.Sprintf("seed %d: %s after %d queries", o.Index, o.Status, o.Queries)
		if o.Trigger != nil {
			line += fmt.Sprintf(", %s after %d by %v", o.Trigger.ID, o.Trigger.Queries, o.Trigger.History)
			if h := fmt.Sprint(o.Trigger.History); strings.Contains(h, "climb") || strings.Contains(h, "beyond the boundary") {
				climbs++
			}
		}
		found = append(found, line)
	}
	return found, climbs
}

// However a box is written, the search within it is the same to the last bit.
func TestEveryBoxIsClimbedAlike(t *testing.T) {
	const most = 30
	for _, closing := range []int{0, 60} {
		want, climbs := foundWithin(t, distance.LInf(most), closing)
		if closing == 0 && climbs == 0 {
			t.Fatal("no trigger was found by climbing; expected some, else this shows nothing")
		}
		for _, bound := range []distance.Bound{
			distance.AllOf(distance.LInf(most)),
			distance.AllOf(distance.LInf(most), distance.LInf(most+5.5)),
			distance.AllOf(distance.LInf(200), distance.AllOf(within(most), distance.LInf(90))),
			within(most),
			distance.AllOf(within(most)),
		} {
			if got, _ := foundWithin(t, bound, closing); !slices.Equal(got, want) {
				t.Errorf("%s: found\n%s\nexpected\n%s", bound, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
	// Without ends, the same region is climbed in another way.
	want, _ := foundWithin(t, distance.LInf(most), 0)
	if got, _ := foundWithin(t, halfPlane{distance.LInf(most)}, 0); slices.Equal(got, want) {
		t.Error("a region without ends was climbed as a box")
	}
}

func TestTheEndsOfRegions(t *testing.T) {
	seed := input.Input{Shape: []int{4}, Domain: input.Bytes, Data: []float32{0, 100, 200, 255}}
	low, high := []float32{0, 92, 192, 247}, []float32{8, 108, 208, 255}
	for _, test := range []struct {
		bound     distance.Bound
		low, high []float32
	}{
		{distance.LInf(8), low, high},
		{distance.LInf(8.9), low, high},
		{within(8), low, high},
		{distance.AllOf(distance.LInf(8)), low, high},
		{distance.AllOf(distance.LInf(8), within(3)), []float32{0, 97, 197, 252}, []float32{3, 103, 203, 255}},
		{distance.AllOf(distance.LInf(8), distance.AllOf(within(30), distance.LInf(9))), low, high},
		{distance.L2(8), nil, nil},
		{distance.L0(8), nil, nil},
		{distance.AllOf(distance.LInf(8), distance.L2(8)), nil, nil},
		{distance.AllOf(distance.L0(8), distance.LInf(8)), nil, nil},
		{halfPlane{distance.LInf(8)}, nil, nil},
	} {
		region := model.Must(test.bound.Around(seed))
		gotLow, gotHigh, err := distance.EndsOf(region, seed)
		if err != nil || !slices.Equal(gotLow, test.low) || !slices.Equal(gotHigh, test.high) {
			t.Errorf("%s: ends %v and %v, error %v; expected %v and %v", test.bound, gotLow, gotHigh, err, test.low, test.high)
		}
		if _, ok := region.(distance.Box); ok != (test.low != nil) {
			t.Errorf("%s: a box is %v; expected %v", test.bound, ok, test.low != nil)
		}
	}
	if low, high, err := distance.EndsOf(nil, seed); low != nil || high != nil || err != nil {
		t.Errorf("no region: ends %v and %v, error %v; expected none", low, high, err)
	}
	image := input.Input{Shape: []int{4, 4, 1}, Domain: input.Bytes, Data: make([]float32, 16)}
	if _, ok := model.Must(distance.AllOf(distance.LInf(8), distance.SSIMAtLeast(0.9)).Around(image)).(distance.Box); ok {
		t.Error("LInf and SSIM together are a box; expected none")
	}
}

// oneRegion is a bound with the same region around every seed.
type oneRegion struct{ region distance.Region }

func (oneRegion) String() string { return "fixed" }

func (b oneRegion) Around(input.Input) (distance.Region, error) { return b.region, nil }

// ends is a box from low to high around seeds of 144 values.
func ends(low, high float32) distance.Bound {
	return oneRegion{userBox{slices.Repeat([]float32{low}, 144), slices.Repeat([]float32{high}, 144)}}
}

func TestEndsThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		bound distance.Bound
		says  string
	}{
		{oneRegion{userBox{make([]float32, 3), make([]float32, 144)}}, "expected 144 values each, as the seed has, found 3 and 144"},
		{oneRegion{userBox{}}, "expected 144 values each, as the seed has, found 0 and 0"},
		{ends(7, 6), "expected the least of value 0 to be at most its greatest, found 7 and 6"},
		{ends(0.5, 6), "expected values of the domain 0..255 step 1, found 0.5 and 6 for value 0"},
		{ends(0, 256), "expected values of the domain 0..255 step 1, found 0 and 256 for value 0"},
		{ends(0, float32(math.NaN())), "expected values of the domain 0..255 step 1, found 0 and NaN for value 0"},
	} {
		for _, bound := range []distance.Bound{test.bound, distance.AllOf(distance.LInf(8), test.bound)} {
			_, err := engine.Search(t.Context(), enginetest.SmoothPair(), enginetest.PatternSeeds(4), enginetest.BoundarySettings(func(s *engine.Settings) { s.Bound, s.Strict = bound, true }))
			if err == nil || !strings.Contains(err.Error(), "ends of the region: "+test.says) {
				t.Errorf("%s: error %v; expected one that says %q", bound, err, test.says)
			}
		}
	}
}

// A box may leave its seed out. Boxes may have nothing in common: then they have no room.
func TestBoxesAndTheirRoom(t *testing.T) {
	seeds := enginetest.PatternSeeds(4)
	for _, test := range []struct {
		bound distance.Bound
		room  bool
	}{
		{within(0), false},
		{within(1), true},
		{ends(0, 255), true},
		{ends(10, 10), true},
		{distance.AllOf(ends(0, 10), ends(20, 30)), false},
		{distance.AllOf(within(0), within(30)), false},
	} {
		region := model.Must(test.bound.Around(seeds[0].Input))
		if err := distance.CheckRoom(test.bound, region, seeds[0].Input); (err == nil) != test.room {
			t.Errorf("%s: error %v; expected room to be %v", test.bound, err, test.room)
		}
	}
	if _, err := engine.Search(t.Context(), enginetest.SmoothPair(), seeds, enginetest.BoundarySettings(func(s *engine.Settings) { s.Bound = ends(0, 200) })); err != nil {
		t.Errorf("a box of its own place: %v", err)
	}
}
