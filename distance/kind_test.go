package distance_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// loudness is a similarity of a kind of one's own: 1 less the mean square of what changed.
type loudness struct{ seed []float32 }

func (l loudness) To(data []float32) float64 {
	var sum float64
	for i, v := range data {
		sum += float64((v - l.seed[i]) * (v - l.seed[i]))
	}
	return 1 - sum/float64(len(data))
}

func (l loudness) Weights(dst []float32) {
	for i := range dst {
		dst[i] = 1 / float32(len(l.seed))
	}
}

func like(seed input.Input) distance.Similarity {
	if len(seed.Data) < 2 {
		return nil
	}
	return loudness{seed.Data}
}

func init() {
	for kind, traits := range map[input.Kind]distance.Traits{
		"hum":     {Similarity: like, Measure: "loudness", Moves: distance.Scale},
		"crooked": {Grid: func(in input.Input) distance.Grid { return distance.Grid{Height: 3, Width: len(in.Data), Channels: 1} }},
	} {
		if err := distance.Define(kind, traits); err != nil {
			panic(err)
		}
	}
}

func TestDefineRefuses(t *testing.T) {
	some := distance.Traits{Moves: distance.PutBack}
	for _, test := range []struct {
		kind   input.Kind
		traits distance.Traits
		says   string
	}{
		{"", some, `expected the name of a kind, found "other"`},
		{"other", some, `expected the name of a kind, found "other"`},
		{"My Kind", some, `small letters, digits and hyphens, found "My Kind"`},
		{"image", some, "kind image: it is defined already"},
		{"hum", some, "kind hum: it is defined already"},
		{"empty", distance.Traits{}, "kind empty: expected traits that say something"},
		{"nameless", distance.Traits{Similarity: like}, "kind nameless: expected Similarity and Measure"},
		{"named", distance.Traits{Measure: "x", Moves: distance.Scale}, "expected Similarity and Measure"},
		{"outlined", distance.Traits{Outline: distance.OutlineOf}, "expected no Outline without a Similarity"},
		{"apart", distance.Traits{Apart: func(a, b []float32) float64 { return 0 }}, "expected no Apart without Coarse"},
		{"moved", distance.Traits{Moves: 32}, "found 0x20"},
		{"scaled", distance.Traits{Unordered: true, Moves: distance.Scale}, "expected no Moves but PutBack"},
	} {
		if err := distance.Define(test.kind, test.traits); err == nil || !strings.HasPrefix(err.Error(), "distance: Define: ") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error %v; expected %q", test.kind, err, test.says)
		}
	}
}

// Kinds may be defined and looked up at once.
func TestDefineFromSeveralGoroutines(t *testing.T) {
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			kind := input.Kind(fmt.Sprintf("made-%d", i))
			if err := distance.Define(kind, distance.Traits{Moves: distance.Scale}); err != nil {
				t.Error(err)
			}
			if got := distance.TraitsOf(input.Input{Kind: kind}).Moves; got != distance.Scale {
				t.Errorf("%s: moves %d", kind, got)
			}
		})
	}
	wait.Wait()
}

func TestAKindHasItsOwnSimilarity(t *testing.T) {
	seed := input.Input{Shape: []int{4}, Data: []float32{0, 1, 0, 1}, Domain: input.Domain{Min: 0, Max: 1}, Kind: "hum"}
	in := seed.Clone()
	in.Data[0] = 0.5
	r := distance.NewRuler(seed)
	d := r.Measure(in)
	if d.SSIM != nil || d.Similarity == nil || *d.Similarity != (distance.Measured{Measure: "loudness", Value: 1 - 0.25/4}) {
		t.Fatalf("distance %+v; expected a similarity of %g and no SSIM", d, 1-0.25/4)
	}
	if far := r.Far(distance.MostAlike, in); far != 0.25/4 {
		t.Errorf("%g far; expected %g", far, 0.25/4)
	}
	if got := r.Length(distance.MostAlike, 0.25); got != 0.5 {
		t.Errorf("length %g; expected the root of what is lost", got)
	}
	weights := make([]float32, 4)
	if r.SeenWeights(distance.MostAlike, weights); weights[3] != 0.25 {
		t.Errorf("weights %v; expected 0.25 each", weights)
	}
	if allocs := testing.AllocsPerRun(10, func() { r.Far(distance.MostAlike, in) }); allocs != 0 {
		t.Errorf("%g allocations", allocs)
	}
	nearer := seed.Clone()
	nearer.Data[0] = 0.1
	if distance.MostAlike.Compare(r.Measure(nearer), d) >= 0 {
		t.Error("the more similar one is not the nearer one")
	}
	other := in
	other.Kind = "made"
	if d := r.Measure(other); d.Similarity != nil {
		t.Error("an input of another kind has a similarity")
	}
	one := input.Input{Shape: []int{1}, Data: []float32{1}, Domain: input.Domain{Min: 0, Max: 1}, Kind: "hum"}
	if got := distance.NewRuler(one).Far(distance.MostAlike, input.Input{Shape: []int{1}, Data: []float32{0.5}, Domain: one.Domain, Kind: "hum"}); got != 0.5 {
		t.Errorf("a seed that the similarity does not take is %g far; expected 0.5, its Euclidean distance", got)
	}
}

func TestTraitsOfTheKnownKinds(t *testing.T) {
	domain := input.Domain{Min: 0, Max: 10, Step: 1}
	of := func(kind input.Kind, shape ...int) input.Input {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return input.Input{Shape: shape, Data: make([]float32, n), Domain: domain, Kind: kind}
	}
	image := model.Must(input.NewImage(4, 5, 3, make([]uint8, 60)))
	set := model.Must(input.Join(input.Searched("text", of(input.Tokens, 3)), input.Searched("picture", image)))
	for _, test := range []struct {
		in        input.Input
		grid      distance.Grid
		measure   string
		moves     distance.Moves
		unordered bool
	}{
		{image, distance.Grid{Height: 4, Width: 5, Channels: 3}, "SSIM", distance.AllMoves, false},
		{of(input.Image, 4, 5), distance.Grid{Height: 4, Width: 5, Channels: 1}, "SSIM", distance.AllMoves, false},
		{of(input.Other, 4, 5), distance.Grid{Height: 1, Width: 20, Channels: 1}, "", distance.AllMoves, false},
		{of(input.Signal, 4, 5), distance.Grid{Height: 1, Width: 4, Channels: 5}, "segmental S/(S+N)", distance.AllMoves, false},
		{of(input.Signal, 4), distance.Grid{Height: 1, Width: 4, Channels: 1}, "segmental S/(S+N)", distance.AllMoves, false},
		{of(input.Row, 4), distance.Grid{Height: 1, Width: 4, Channels: 1}, "1-(scaled L1)²", distance.PutBack | distance.Scale, false},
		{of(input.Tokens, 4), distance.Grid{Height: 1, Width: 4, Channels: 1}, "1-edits/length", distance.PutBack, true},
		{model.Must(input.Join(input.Searched("picture", image), input.Fixed("text", of(input.Tokens, 3)))), distance.Grid{Height: 4, Width: 5, Channels: 3}, "SSIM", distance.AllMoves, false},
		{set, distance.Grid{Height: 1, Width: 63, Channels: 1}, "", distance.PutBack, true},
		{of("unknown", 4, 5), distance.Grid{Height: 1, Width: 20, Channels: 1}, "", distance.AllMoves, false},
	} {
		traits := distance.TraitsOf(test.in)
		if grid := distance.GridOf(test.in); grid != test.grid || distance.MeasureOf(test.in) != test.measure || traits.Moves != test.moves || traits.Unordered != test.unordered {
			t.Errorf("%s: grid %v, measure %q, moves %d, unordered %t; expected %+v", test.in, grid, distance.MeasureOf(test.in), traits.Moves, traits.Unordered, test)
		}
		if err := distance.Check(test.in); err != nil {
			t.Errorf("%s: %v", test.in, err)
		}
	}
	crooked := of("crooked", 4)
	if err := distance.Check(crooked); err == nil || !strings.Contains(err.Error(), "expected a grid of the 4 values of shape [4], found 3 rows x 4 columns x 1 channels") {
		t.Errorf("a grid of other values: %v", err)
	}
	if grid := distance.GridOf(crooked); grid != (distance.Grid{Height: 1, Width: 4, Channels: 1}) {
		t.Errorf("a grid of other values became %v", grid)
	}
}

// Neighbours are found by what counts for their kind.
func TestApart(t *testing.T) {
	row := func(age, income float32) input.Input {
		return model.Must(input.NewRow([]float32{age, income}, []input.Domain{{Min: 0, Max: 100}, {Min: 0, Max: 1e6}}))
	}
	apart := func(a, b input.Input) float64 { return distance.ApartBy(a)(distance.CoarseOf(a), distance.CoarseOf(b)) }
	if old, rich := apart(row(20, 0), row(70, 0)), apart(row(20, 0), row(20, 1000)); !(old > rich) || math.Abs(old-0.5) > 1e-6 {
		t.Errorf("50 of 100 years are %g apart and 1,000 of 1,000,000 %g", old, rich)
	}
	tokens := func(of ...float32) input.Input {
		return input.Input{Shape: []int{len(of)}, Data: of, Domain: input.Bytes, Kind: input.Tokens}
	}
	if got := apart(tokens(1, 2, 3), tokens(1, 200, 4)); got != 2 {
		t.Errorf("two of three tokens differ: %g apart", got)
	}
	signal := func(of ...float32) input.Input {
		return input.Input{Shape: []int{len(of) / 2, 2}, Data: of, Domain: input.Domain{Min: -1, Max: 1}, Kind: input.Signal}
	}
	if got := apart(signal(1, 0, -1, 0), signal(0, 1, 0, -1)); got != 0 {
		t.Errorf("signals with the same sums of each feature are %g apart", got)
	}
	if got := apart(signal(1, 0, 1, 0), signal(0, 1, 0, 1)); got != math.Sqrt(8) {
		t.Errorf("signals of two features are %g apart; expected the root of 8", got)
	}
	if got := apart(tokens(1), tokens(1, 2)); !math.IsInf(got, 1) {
		t.Errorf("inputs of other lengths are %g apart", got)
	}
}

// The way between values that have no order leads from one to the other, and nowhere between.
func TestBlendOf(t *testing.T) {
	from := input.Input{Shape: []int{9}, Data: []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}, Domain: input.Bytes, Kind: input.Tokens}
	to, dst := from.Clone(), from.Clone()
	for i := range to.Data {
		to.Data[i] = 200
	}
	replaced := -1.0
	for _, share := range []float64{0, 0.3, 0.6, 1, 8} {
		distance.BlendOf(from)(dst, from, to, share)
		n := substituted(t, from, to, dst)
		if n < replaced || share == 0 && n > 0 || share >= 1 && n < 9 {
			t.Errorf("at %g, %g tokens are replaced, after %g before", share, n, replaced)
		}
		replaced = n
	}
	from.Kind, to.Kind = input.Other, input.Other
	distance.BlendOf(from)(dst, from, to, 0.5)
	if dst.Data[4] != 100 && dst.Data[4] != 101 {
		t.Errorf("the middle between 1 and 200 is %g", dst.Data[4])
	}
}

func substituted(t *testing.T, from, to, dst input.Input) (n float64) {
	t.Helper()
	for i, v := range dst.Data {
		switch v {
		case from.Data[i]:
		case to.Data[i]:
			n++
		default:
			t.Errorf("token %d became %g between %g and %g", i, v, from.Data[i], to.Data[i])
		}
	}
	return n
}

func TestBoundsOnSizesNeedAnOrder(t *testing.T) {
	tokens := input.Input{Shape: []int{3}, Data: make([]float32, 3), Domain: input.Bytes, Kind: input.Tokens}
	for _, bound := range []distance.Bound{distance.LInf(8), distance.L2(8), distance.AllOf(distance.L0(2), distance.LInf(3))} {
		if _, err := bound.Around(tokens); err == nil || !strings.Contains(err.Error(), "expected values that have an order, found tokens [3]") {
			t.Errorf("%s around tokens: %v", bound, err)
		}
	}
	if _, err := distance.L0(2).Around(tokens); err != nil {
		t.Error(err)
	}
}

// However far a candidate lies, a bound leaves every value in its own domain.
func TestBoundsKeepEveryValueInItsDomain(t *testing.T) {
	columns := []input.Domain{{Min: 0, Max: 1}, {Min: 0, Max: 100, Step: 3}, {Min: -5, Max: 5, Step: 0.5}, {Min: 0, Max: 3, Step: 1}, {Min: 1e3, Max: 1e6, Step: 50}}
	rng := rand.New(rand.NewPCG(1, 2))
	values := func() []float32 {
		all := make([]float32, len(columns))
		for i, d := range columns {
			all[i] = d.Snap(d.Min + d.Range()*rng.Float32())
		}
		return all
	}
	for range 50 {
		seed := model.Must(input.NewRow(values(), columns))
		for _, bound := range []distance.Bound{
			distance.LInf(0.3), distance.LInf(40), distance.L2(0.5), distance.L2(30), distance.L2(1e5), distance.L0(2), distance.AllOf(distance.LInf(60), distance.L2(70)),
		} {
			region := model.Must(bound.Around(seed))
			for range 20 {
				in := seed.Clone()
				copy(in.Data, values())
				for i := range in.Data {
					in.Data[i] += float32(rng.NormFloat64()) * 20
				}
				region.Project(in)
				if err := in.Validate(); err != nil || !region.Contains(in) {
					t.Fatalf("%s: %v became %v: %v, inside %t", bound, seed.Data, in.Data, err, region.Contains(in))
				}
			}
		}
	}
}

// unlikeItself is a similarity that says the same of every input.
type unlikeItself float64

func (u unlikeItself) To([]float32) float64 { return float64(u) }

func TestASimilarityFindsAnInputLikeItself(t *testing.T) {
	for kind, own := range map[input.Kind]float64{"no-number": math.NaN(), "too-alike": 1000, "half-alike": 0.5} {
		err := distance.Define(kind, distance.Traits{Measure: "alikeness", Similarity: func(input.Input) distance.Similarity { return unlikeItself(own) }})
		if err != nil {
			t.Fatal(err)
		}
		in := input.Input{Shape: []int{2}, Data: []float32{1, 2}, Domain: input.Bytes, Kind: kind}
		if err := distance.Check(in); err == nil || !strings.Contains(err.Error(), "kind "+string(kind)+": expected a similarity (alikeness) of 1") {
			t.Errorf("similarity %g: error %v; expected one that names the kind and the similarity", own, err)
		}
	}
}
