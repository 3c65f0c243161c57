package distance_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestTheEndsOfRegions(t *testing.T) {
	seed := input.Input{Shape: []int{4}, Domain: input.Bytes, Data: []float32{0, 100, 200, 255}}
	low, high := []float32{0, 92, 192, 247}, []float32{8, 108, 208, 255}
	for _, test := range []struct {
		bound     distance.Bound
		low, high []float32
	}{
		{distance.LInf(8), low, high},
		{distance.LInf(8.9), low, high},
		{enginetest.Within(8), low, high},
		{distance.AllOf(distance.LInf(8)), low, high},
		{distance.AllOf(distance.LInf(8), enginetest.Within(3)), []float32{0, 97, 197, 252}, []float32{3, 103, 203, 255}},
		{distance.AllOf(distance.LInf(8), distance.AllOf(enginetest.Within(30), distance.LInf(9))), low, high},
		{distance.L2(8), nil, nil},
		{distance.L0(8), nil, nil},
		{distance.AllOf(distance.LInf(8), distance.L2(8)), nil, nil},
		{distance.AllOf(distance.L0(8), distance.LInf(8)), nil, nil},
		{enginetest.Unboxed{Bound: distance.LInf(8)}, nil, nil},
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
	image := input.Input{Shape: []int{4, 4, 1}, Kind: input.Image, Domain: input.Bytes, Data: make([]float32, 16)}
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
	return oneRegion{enginetest.Box{Low: slices.Repeat([]float32{low}, 144), High: slices.Repeat([]float32{high}, 144)}}
}

func TestEndsThatCannotBe(t *testing.T) {
	seed := enginetest.PatternSeeds(1)[0].Input
	for _, test := range []struct {
		bound distance.Bound
		says  string
	}{
		{oneRegion{enginetest.Box{Low: make([]float32, 3), High: make([]float32, 144)}}, "expected 144 values each, as the seed has, found 3 and 144"},
		{oneRegion{enginetest.Box{}}, "expected 144 values each, as the seed has, found 0 and 0"},
		{ends(7, 6), "expected the least of value 0 to be at most its greatest, found 7 and 6"},
		{ends(0.5, 6), "expected values of the domain 0..255 step 1, found 0.5 and 6 for value 0"},
		{ends(0, 256), "expected values of the domain 0..255 step 1, found 0 and 256 for value 0"},
		{ends(0, float32(math.NaN())), "expected values of the domain 0..255 step 1, found 0 and NaN for value 0"},
	} {
		region := model.Must(test.bound.Around(seed))
		_, together := distance.AllOf(distance.LInf(8), test.bound).Around(seed)
		for _, err := range []error{distance.CheckRoom(test.bound, region, seed), together} {
			if err == nil || !strings.Contains(err.Error(), "ends of the region: "+test.says) {
				t.Errorf("error %v; expected one that says %q", err, test.says)
			}
		}
	}
}

// A box may leave its seed out. Boxes may have nothing in common: then they have no room.
func TestBoxesAndTheirRoom(t *testing.T) {
	seed := enginetest.PatternSeeds(1)[0].Input
	for _, test := range []struct {
		bound distance.Bound
		room  bool
	}{
		{enginetest.Within(0), false},
		{enginetest.Within(1), true},
		{ends(0, 255), true},
		{ends(10, 10), true},
		{distance.AllOf(ends(0, 10), ends(20, 30)), false},
		{distance.AllOf(enginetest.Within(0), enginetest.Within(30)), false},
	} {
		region := model.Must(test.bound.Around(seed))
		if err := distance.CheckRoom(test.bound, region, seed); (err == nil) != test.room {
			t.Errorf("%s: error %v; expected room to be %v", test.bound, err, test.room)
		}
	}
}
