package strategies_test

import (
	"math"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
	"pgregory.net/rapid"
)

func TestSquareStaysAtTheCornersOfItsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := drawInput(t)
		domain := seed.Domain
		most := domain.Range() * rapid.Float32Range(0.01, 0.6).Draw(t, "most")
		bounded := newDrive(t, strategies.SquareSearch{Horizon: 20}, seed, distance.LInf(most))
		for range 50 {
			candidate := bounded.searcher.Ask(1)[0] // as it is, not yet projected by the engine
			if !bounded.region.Contains(candidate) {
				t.Fatalf("%v is not within %g of %v", candidate.Data, most, seed.Data)
			}
			for i, v := range candidate.Data {
				up, down := v == domain.Max, v == domain.Min
				if domain.Step > 0 {
					up, down = up || v+domain.Step > seed.Data[i]+most, down || v-domain.Step < seed.Data[i]-most
				} else {
					// The bound holds strictly, so rounding may take back the last bit.
					end, other := seed.Data[i]+most, seed.Data[i]-most
					up = up || v == end || v == math.Nextafter32(end, seed.Data[i])
					down = down || v == other || v == math.Nextafter32(other, seed.Data[i])
				}
				if !up && !down {
					t.Fatalf("value %g at index %d is no end of what %g around %g allows", v, i, most, seed.Data[i])
				}
			}
			bounded.asked = []input.Input{candidate}
			bounded.tell()
		}
	})
}

func TestSquareHasARadiusOfItsOwnWithoutABound(t *testing.T) {
	for _, test := range []struct {
		radius float64
		bound  distance.Bound
		want   float64
	}{
		{0, nil, 12}, // 0.05 of 255, in whole steps
		{4.0 / 255, nil, 4},
		{0.001, nil, 1},
		{0, distance.LInf(30), 30},
		{4.0 / 255, distance.LInf(30), 4},
		{0.5, distance.LInf(30), 30},
	} {
		d := newDrive(t, strategies.SquareSearch{Radius: test.radius}, enginetest.GreySeeds(1)[0].Input, test.bound)
		for range 20 {
			if got := distance.DistanceBetween(d.seed, d.step(1)[0]).LInf; got != test.want {
				t.Errorf("radius %g, bound %v: distance %g, expected %g", test.radius, test.bound, got, test.want)
			}
		}
	}
}

func TestSquareBeginsWithStripesAndAgainAfterTheHorizon(t *testing.T) {
	seed := model.Must(input.NewImage(6, 5, 2, slices.Repeat([]uint8{100}, 60)))
	d := newDrive(t, strategies.SquareSearch{Horizon: 40}, seed, nil)
	striped := func(in input.Input) bool {
		for i, v := range in.Data {
			if v != in.Data[i%10] {
				return false
			}
		}
		return true
	}
	var starts [][]float32
	for query := range 81 {
		candidate := d.step(1)[0]
		if query%40 == 0 {
			if !striped(candidate) {
				t.Fatalf("query %d: %v is no vertical stripes", query, candidate.Data)
			}
			starts = append(starts, slices.Clone(candidate.Data))
		}
	}
	if slices.Equal(starts[0], starts[1]) && slices.Equal(starts[1], starts[2]) {
		t.Error("the search starts from the same stripes every time")
	}
}

// Each candidate differs from the best one before it in one square, whose channels have one sign each.
func TestSquareChangesOneSquare(t *testing.T) {
	const height, width, channels = 12, 10, 3
	seed := model.Must(input.NewImage(height, width, channels, slices.Repeat([]uint8{100}, height*width*channels)))
	d := newDrive(t, strategies.SquareSearch{Horizon: 100}, seed, nil)
	best, least := slices.Clone(d.step(1)[0].Data), loss(d.told[0])
	sizes := map[int]bool{}
	for query := 1; query < 100; query++ {
		candidate := slices.Clone(d.step(1)[0].Data)
		top, left, bottom, right := height, width, -1, -1
		for i, v := range candidate {
			if v != best[i] {
				y, x := i/channels/width, i/channels%width
				top, left, bottom, right = min(top, y), min(left, x), max(bottom, y), max(right, x)
			}
		}
		if bottom < 0 {
			t.Fatalf("query %d changes nothing", query)
		}
		for y := top; y <= bottom; y++ {
			for x := left; x <= right; x++ {
				at := (y*width + x) * channels
				first := (top*width + left) * channels
				for c := range channels {
					if changed := candidate[at+c] != best[at+c]; changed && candidate[at+c] != candidate[first+c] {
						t.Fatalf("query %d: channel %d has two signs in one square", query, c)
					}
				}
			}
		}
		size := max(bottom-top, right-left) + 1
		sizes[size] = true
		// 0.8 of 120 pixels shrinks to one pixel.
		if most := int(math.Round(math.Sqrt(0.8 * height * width))); size > most || query > 81 && size > 1 {
			t.Errorf("query %d: a square of %d", query, size)
		}
		if l := loss(d.told[0]); l < least {
			best, least = candidate, l
		}
	}
	if len(sizes) < 4 {
		t.Errorf("sizes of squares %v; expected them to shrink", sizes)
	}
}

// loss is what Square makes smaller while both models give the label.
func loss(e engine.Evaluation) float64 {
	margin := func(scores []float32) float64 { return math.Log(float64(scores[0])) - math.Log(float64(scores[1])) }
	return min(margin(e.Original.Scores), margin(e.Compressed.Scores))
}

func TestSquareReachesEveryPlace(t *testing.T) {
	for _, shape := range [][]int{{5, 4, 1}, {1, 7}, {7, 1, 1}, {11}} {
		n := 1
		for _, size := range shape {
			n *= size
		}
		seed := input.Input{Shape: shape, Data: slices.Repeat([]float32{100}, n), Domain: input.Bytes, Kind: inputtest.KindOf(shape)}
		d := newDrive(t, strategies.SquareSearch{Horizon: 1000}, seed, nil)
		changed := make([]bool, n)
		before := slices.Clone(d.step(1)[0].Data)
		for range 300 {
			for i, v := range d.step(1)[0].Data {
				changed[i] = changed[i] || v != before[i]
			}
		}
		if slices.Contains(changed, false) {
			t.Errorf("shape %v: changed %v; expected all", shape, changed)
		}
	}
}
