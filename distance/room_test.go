package distance_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// masked is a user's bound: values at some places alone may change.
type masked struct {
	name   string
	places func(i, n int) bool
	seed   input.Input
}

func (m masked) String() string { return m.name }

func (m masked) Around(seed input.Input) (distance.Region, error) {
	m.seed = seed
	return m, nil
}

func (m masked) Project(candidate input.Input) {
	for i, s := range m.seed.Data {
		if !m.places(i, len(m.seed.Data)) {
			candidate.Data[i] = s
		}
	}
}

func (m masked) Contains(candidate input.Input) bool {
	for i, s := range m.seed.Data {
		if candidate.Data[i] != s && !m.places(i, len(m.seed.Data)) {
			return false
		}
	}
	return true
}

func of(what string, places func(i, n int) bool) distance.Bound {
	return masked{name: what, places: places}
}

var (
	nowhere = of("nowhere", func(int, int) bool { return false })
	left    = of("the left half", func(i, n int) bool { return i < n/2 })
	right   = of("the right half", func(i, n int) bool { return i >= n/2 })
	middle  = of("one value", func(i, n int) bool { return i == n/2 })
)

// inDomain is the pattern of the seeds brought into a domain.
func inDomain(d input.Domain, n int) input.SeedList {
	seeds := enginetest.PatternSeeds(n)
	for _, s := range seeds {
		for i, v := range s.Input.Data {
			s.Input.Data[i] = d.Snap(d.Min + v/255*d.Range())
		}
	}
	for i := range seeds {
		seeds[i].Input.Domain = d
	}
	return seeds
}

var unit = input.Domain{Min: 0, Max: 1}

func TestBoundsThatHoldTheSeedAloneAreErrors(t *testing.T) {
	steps := input.Domain{Min: -1, Max: 1, Step: 0.25}
	for _, test := range []struct {
		domain input.Domain
		bound  distance.Bound
		says   string // "" where there is room
	}{
		{input.Bytes, distance.LInf(0.03), "here 0..255 step 1: the smallest useful one is LInf 1; 0.03 of the range is LInf 7.65"},
		{input.Bytes, distance.LInf(0), "LInf 1"},
		{input.Bytes, distance.LInf(0.999), "LInf 1"},
		{input.Bytes, distance.LInf(1), ""},
		{input.Bytes, distance.L2(0.5), "the smallest useful one is L2 1; 0.5 of the range is L2 127.5"},
		{input.Bytes, distance.L2(8), ""},
		{input.Bytes, distance.L0(0), "the smallest useful one is L0 1"},
		{input.Bytes, distance.L0(1), ""},
		{input.Bytes, distance.SSIMAtLeast(1), "such as SSIMAtLeast(0.99)"},
		{input.Bytes, distance.SSIMAtLeast(1 - 1e-13), "a change of one value by the least, 1 in the domain 0..255 step 1"},
		{input.Bytes, distance.SSIMAtLeast(0.999), ""},
		{input.Bytes, distance.AllOf(distance.LInf(8), distance.L2(0.1)), "as none lies within L2 0.1"},
		{input.Bytes, distance.AllOf(distance.L0(4), distance.SSIMAtLeast(1-1e-13)), "as none lies within SSIM"},
		{input.Bytes, distance.AllOf(distance.LInf(8), distance.L0(10), distance.L2(100)), ""},
		{input.Bytes, distance.AllOf(distance.LInf(8), distance.SSIMAtLeast(0.9)), ""},
		{input.Bytes, distance.AllOf(left, right), "whose parts have nothing else in common"},
		{input.Bytes, distance.AllOf(left, distance.LInf(8)), ""},
		{input.Bytes, distance.AllOf(middle, left, distance.LInf(8)), "nothing else in common"},
		{input.Bytes, nowhere, "within nowhere. Bounds are in raw units"},
		{input.Bytes, middle, ""},
		{input.Bytes, distance.AllOf(distance.LInf(8), nowhere), "as none lies within nowhere"},
		{steps, distance.LInf(0.2), "here -1..1 step 0.25: the smallest useful one is LInf 0.25; 0.2 of the range is LInf 0.4"},
		{steps, distance.LInf(0.25), ""},
		{steps, distance.L2(0.2), "L2 0.25"},
		{unit, distance.LInf(0.03), ""},
		{unit, distance.LInf(1e-9), "here 0..1: the smallest useful one is LInf 5.96"},
		{unit, distance.L2(0), "L2 "},
		{unit, distance.SSIMAtLeast(1), "SSIMAtLeast(0.99)"},
	} {
		t.Run(fmt.Sprintf("%s in %s", test.bound, test.domain), func(t *testing.T) {
			for i, seed := range inDomain(test.domain, 4) {
				err := distance.CheckRoom(test.bound, model.Must(test.bound.Around(seed.Input)), seed.Input)
				switch {
				case test.says == "" && err != nil:
					t.Errorf("seed %d: %v", i, err)
				case test.says != "" && (!errors.Is(err, distance.ErrNoRoom) || !strings.Contains(fmt.Sprint(err), test.says)):
					t.Errorf("seed %d: error %v; expected one that says %q", i, err, test.says)
				}
			}
		})
	}
}

// Seeds at the ends of the domain, and constant ones, have room where others have.
func TestConstantSeedsHaveRoom(t *testing.T) {
	for _, value := range []float32{0, 100, 255} {
		for _, bound := range []distance.Bound{distance.LInf(1), distance.L2(30), distance.L0(3), distance.SSIMAtLeast(0.9), distance.AllOf(distance.SSIMAtLeast(0.9), distance.LInf(4))} {
			seed := enginetest.PatternSeeds(1)[0].Input
			for i := range seed.Data {
				seed.Data[i] = value
			}
			if err := distance.CheckRoom(bound, model.Must(bound.Around(seed)), seed); err != nil {
				t.Errorf("%s around %g everywhere: %v", bound, value, err)
			}
		}
	}
}

// The smallest useful bound is that of the value which needs the least.
func TestRoomWhereDomainsDiffer(t *testing.T) {
	row := model.Must(input.NewRow([]float32{30, 2000}, []input.Domain{{Min: 0, Max: 100, Step: 1}, {Min: 1000, Max: 9000, Step: 50}}))
	for most, says := range map[float32]string{
		0.5: "LInf 0.5. Bounds are in raw units of each value's own domain, here within 0..9000: the smallest useful one is LInf 1", 1: "",
	} {
		err := distance.CheckRoom(distance.LInf(most), model.Must(distance.LInf(most).Around(row)), row)
		if says == "" && err != nil || says != "" && !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("LInf %g: error %v; expected %q", most, err, says)
		}
	}
	low, high, err := distance.EndsOf(model.Must(distance.LInf(60).Around(row)), row)
	if got := fmt.Sprint(low, high, err); got != "[0 1950] [90 2050] <nil>" {
		t.Errorf("ends %s", got)
	}
}

// knowing is a region that says by itself whether it has room.
type knowing struct {
	distance.Region
	room bool
}

func (k knowing) HasRoom() bool { return k.room }

func TestARegionMayKnowItsRoom(t *testing.T) {
	seed := enginetest.PatternSeeds(1)[0].Input
	for _, inner := range []distance.Bound{nowhere, left} {
		for _, room := range []bool{false, true} {
			region := knowing{model.Must(inner.Around(seed)), room}
			if err := distance.CheckRoom(inner, region, seed); errors.Is(err, distance.ErrNoRoom) == room {
				t.Errorf("%s that says %v: error %v", inner, room, err)
			}
		}
	}
}
