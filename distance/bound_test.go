package distance_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// domains have whole steps, none, steps that no float32 has exactly, one step, and values much larger
// than their range.
var domains = []input.Domain{
	input.Bytes, {Min: -1, Max: 1}, {Min: -1, Max: 2, Step: 0.1}, {Min: 0, Max: 1, Step: 1}, {Min: 1000, Max: 1001},
}

// drawSeed draws an image of noise.
func drawSeed(t *rapid.T) (input.Input, *rand.Rand) {
	d := rapid.SampledFrom(domains).Draw(t, "domain")
	h, w, c := rapid.IntRange(3, 14).Draw(t, "height"), rapid.IntRange(3, 14).Draw(t, "width"), rapid.SampledFrom([]int{1, 3}).Draw(t, "channels")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "random"), 0))
	seed := input.Input{Shape: []int{h, w, c}, Kind: input.Image, Data: make([]float32, h*w*c), Domain: d}
	for i := range seed.Data {
		seed.Data[i] = d.Snap(d.Min + rng.Float32()*d.Range())
	}
	if rapid.Bool().Draw(t, "domains that differ") {
		seed.Layout = &input.Layout{Domains: make([]input.Domain, len(seed.Data))}
		for i := range seed.Data {
			own := d
			switch {
			case i%3 == 0:
				own.Max = d.Snap(d.Min + d.Range()/2)
			case i%3 == 1 && d.Step > 0:
				own.Step = 2 * d.Step
			}
			if own.Max <= own.Min {
				own = d
			}
			seed.Layout.Domains[i], seed.Data[i] = own, own.Snap(seed.Data[i])
		}
	}
	return seed, rng
}

// drawCandidate draws an image at some distance from the seed: often with many changes of equal size, now
// and then with values outside the domain.
func drawCandidate(t *rapid.T, seed input.Input, rng *rand.Rand) input.Input {
	in, d := seed.Clone(), seed.Domain // of every value: out of its own domain where that is smaller
	share := rapid.SampledFrom([]float32{0, 0.02, 0.3, 1}).Draw(t, "share of elements changed")
	most := rapid.SampledFrom([]float32{0.005, 0.03, 1}).Draw(t, "size of change") * d.Range()
	even := rapid.Bool().Draw(t, "changes of even size")
	wild := rapid.IntRange(0, 9).Draw(t, "wild") == 0
	for i, s := range in.Data {
		if rng.Float32() >= share {
			continue
		}
		by := most
		if !even {
			by *= rng.Float32()
		}
		if rng.IntN(2) == 0 {
			by = -by
		}
		if in.Data[i] = d.Snap(s + by); wild {
			in.Data[i] = []float32{s + by, float32(math.NaN()), float32(math.Inf(1)), d.Max + 1}[rng.IntN(4)]
		}
	}
	return in
}

// bounded is a bound with what it asks of the distance.
type bounded struct {
	bound distance.Bound
	holds func(distance.Distance) bool
}

func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, rng := drawSeed(t)
		size := rapid.Float64Range(0, 1).Draw(t, "bound") * rapid.SampledFrom([]float64{0.01, 0.2, 1}).Draw(t, "scale")
		linf := float32(size) * seed.Domain.Range()
		l2 := size * float64(seed.Domain.Range()) * math.Sqrt(float64(len(seed.Data)))
		l0 := int(size * float64(len(seed.Data)))
		candidates := []input.Input{drawCandidate(t, seed, rng), drawCandidate(t, seed, rng)}
		for _, b := range []bounded{
			{distance.LInf(linf), func(d distance.Distance) bool { return d.LInf <= float64(linf) }},
			{distance.L2(l2), func(d distance.Distance) bool { return d.L2 <= l2 }},
			{distance.L0(l0), func(d distance.Distance) bool { return d.L0 <= l0 }},
			{distance.SSIMAtLeast(1 - size), func(d distance.Distance) bool { return *d.SSIM >= 1-size }},
			{distance.AllOf(distance.SSIMAtLeast(1-size), distance.L0(l0), distance.LInf(linf)), func(d distance.Distance) bool {
				return *d.SSIM >= 1-size && d.L0 <= l0 && d.LInf <= float64(linf)
			}},
		} {
			region := model.Must(b.bound.Around(seed))
			for _, candidate := range candidates { // what a region keeps of one must not leak into the next
				checkProject(t, b, region, seed, candidate)
			}
		}
	})
}

func checkProject(t *rapid.T, b bounded, region distance.Region, seed, before input.Input) {
	inside := region.Contains(before)
	if holds := b.holds(distance.DistanceBetween(seed, before)); inside != holds {
		t.Fatalf("%s: contains a candidate: %t; by its distance: %t", b.bound, inside, holds)
	}
	after := before.Clone()
	region.Project(after)
	if d := distance.DistanceBetween(seed, after); !region.Contains(after) || !b.holds(d) {
		t.Fatalf("%s: moved to a distance of %+v", b.bound, d)
	}
	if err := after.Validate(); err != nil {
		t.Fatalf("%s: moved out of the domain: %v", b.bound, err)
	}
	if diff := cmp.Diff(before.Data, after.Data); inside && before.Validate() == nil && diff != "" {
		t.Fatalf("%s: a candidate inside was moved: %s", b.bound, diff)
	}
	for i, v := range after.Data {
		from, to := seed.Data[i], seed.DomainAt(i).Snap(before.Data[i])
		if v < min(from, to) || v > max(from, to) {
			t.Fatalf("%s: element %d went from %g to %g, which is not on the way to %g", b.bound, i, to, v, from)
		}
	}
	again := before.Clone()
	model.Must(b.bound.Around(seed)).Project(again)
	if diff := cmp.Diff(after.Data, again.Data); diff != "" {
		t.Fatalf("%s: another region moved it elsewhere: %s", b.bound, diff)
	}
}

func TestBoundsMoveCandidatesIntoTheDomain(t *testing.T) {
	seed := grey(6, 6, 1)
	for _, bound := range someBounds {
		candidate := seed.Clone()
		candidate.Data[7] += 0.25
		model.Must(bound.Around(seed)).Project(candidate)
		if diff := cmp.Diff(seed.Data, candidate.Data); diff != "" {
			t.Errorf("%s: %s", bound, diff)
		}
	}
}

// changed is the seed with the first n elements changed by step, up and down in turn.
func changed(seed input.Input, n int, step float32) input.Input {
	in := seed.Clone()
	for i := range n {
		in.Data[i] = seed.Domain.Snap(seed.Data[i] + step*float32(1-2*(i%2)))
	}
	return in
}

// grey is an image of middling values.
func grey(height, width, channels int) input.Input {
	pixels := make([]uint8, height*width*channels)
	for i := range pixels {
		pixels[i] = uint8(100 + i*7%50)
	}
	return model.Must(input.NewImage(height, width, channels, pixels))
}

// TestBoundsAreNotWasteful asks that candidates keep most of what the bound allows, also where all
// changes have the same size and would be rounded away together.
func TestBoundsAreNotWasteful(t *testing.T) {
	seed := grey(28, 28, 1)
	all := len(seed.Data)
	for _, test := range []struct {
		bound     distance.Bound
		candidate input.Input
		used      func(distance.Distance) float64 // share of the bound
	}{
		{distance.L2(100), changed(seed, all, 8), func(d distance.Distance) float64 { return d.L2 / 100 }},
		{distance.L2(20), changed(seed, all, 8), func(d distance.Distance) float64 { return d.L2 / 20 }},
		{distance.L2(20), changed(seed, all, 1), func(d distance.Distance) float64 { return d.L2 / 20 }},
		{distance.L2(5), changed(seed, 9, 50), func(d distance.Distance) float64 { return d.L2 / 5 }},
		{distance.L0(20), changed(seed, all, 8), func(d distance.Distance) float64 { return float64(d.L0) / 20 }},
		{distance.L0(20), changed(seed, 21, 8), func(d distance.Distance) float64 { return float64(d.L0) / 20 }},
		{distance.LInf(7.5), changed(seed, all, 50), func(d distance.Distance) float64 { return d.LInf / 7 }},
		{distance.SSIMAtLeast(0.9), changed(seed, all, 50), func(d distance.Distance) float64 { return (1 - *d.SSIM) / 0.1 }},
		{distance.SSIMAtLeast(0.999), changed(seed, all, 3), func(d distance.Distance) float64 { return (1 - *d.SSIM) / 0.001 }},
		{distance.AllOf(distance.LInf(4), distance.L0(50)), changed(seed, all, 50), func(d distance.Distance) float64 {
			return min(d.LInf/4, float64(d.L0)/50)
		}},
	} {
		model.Must(test.bound.Around(seed)).Project(test.candidate)
		if used := test.used(distance.DistanceBetween(seed, test.candidate)); used < 0.8 || used > 1 {
			t.Errorf("%s: a candidate uses %.3f of it", test.bound, used)
		}
	}
}

func TestL0KeepsTheLargestChanges(t *testing.T) {
	// 255/128 has a byte of ones.
	for _, unit := range []float32{1, 0.1, 255. / 128, 1e-40, 3e30} {
		seed := input.Input{Shape: []int{6}, Data: make([]float32, 6), Domain: input.Domain{Min: -20 * unit, Max: 20 * unit}}
		candidate, want := seed.Clone(), seed.Clone()
		copy(candidate.Data, []float32{unit, -10 * unit, 3 * unit, 20 * unit, 0, -2 * unit})
		copy(want.Data, []float32{0, -10 * unit, 3 * unit, 20 * unit, 0, 0})
		model.Must(distance.L0(3).Around(seed)).Project(candidate)
		if diff := cmp.Diff(want.Data, candidate.Data); diff != "" {
			t.Errorf("unit %g: %s", unit, diff)
		}
		even := seed.Clone()
		for i := range even.Data {
			even.Data[i] = unit
		}
		model.Must(distance.L0(3).Around(seed)).Project(even)
		if got := distance.DistanceBetween(seed, even).L0; got != 3 {
			t.Errorf("unit %g: %d of six even changes are kept, expected 3", unit, got)
		}
	}
}

// Of changes of one size, an L0 bound must not keep the same few elements for every candidate.
func TestL0KeepsDifferentElements(t *testing.T) {
	seed := grey(8, 8, 1)
	region := model.Must(distance.L0(1).Around(seed))
	kept := map[int]bool{}
	for i := range seed.Data {
		candidate := changed(seed, len(seed.Data), 8)
		candidate.Data[i] = seed.Data[i] // so that each is another one
		region.Project(candidate)
		for j, v := range candidate.Data {
			if v != seed.Data[j] {
				kept[j] = true
			}
		}
	}
	if len(kept) < 16 {
		t.Errorf("64 candidates keep a change at %d places; expected at least 16", len(kept))
	}
}

func TestRegionsDoNotAllocate(t *testing.T) {
	seed := grey(14, 14, 3)
	candidate := seed.Clone()
	for _, bound := range someBounds {
		region := model.Must(bound.Around(seed))
		far := changed(seed, len(seed.Data), 60)
		if allocs := testing.AllocsPerRun(5, func() {
			copy(candidate.Data, far.Data)
			region.Project(candidate)
			region.Contains(candidate)
		}); allocs != 0 {
			t.Errorf("%s: %g allocations", bound, allocs)
		}
	}
}

var someBounds = []distance.Bound{
	distance.LInf(8), distance.L2(300), distance.L0(20), distance.SSIMAtLeast(0.9),
	distance.AllOf(distance.LInf(8), distance.L2(300), distance.L0(20), distance.SSIMAtLeast(0.9)),
}

func TestSSIMSaysWhichBoundsFit(t *testing.T) {
	sound := input.Input{Shape: []int{9}, Data: make([]float32, 9), Domain: input.Domain{Min: -1, Max: 1}, Kind: input.Signal}
	text, err := input.NewTokens([]int{5, 6}, input.Vocabulary{Size: 9, Pad: input.Unpadded})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		seed input.Input
		says string
	}{
		{sound, "; LInf and L2 bound how far values move, L0 how many of them"},
		{text, "; L0 bounds how many values differ"},
	} {
		if _, err := distance.SSIMAtLeast(0.9).Around(c.seed); err == nil || !strings.HasSuffix(err.Error(), c.says) {
			t.Errorf("got %v, expected %q at its end", err, c.says)
		}
	}
}

func TestImpossibleBounds(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, test := range []struct {
		bound distance.Bound
		says  string
	}{
		{distance.LInf(float32(nan)), "distance: LInf: most is NaN; expected a finite number of at least 0"},
		{distance.LInf(-1), "distance: LInf: most is -1; expected a finite number of at least 0"},
		{distance.LInf(float32(inf)), "distance: LInf: most is +Inf; expected a finite number of at least 0"},
		{distance.L2(nan), "distance: L2: most is NaN; expected a finite number of at least 0"},
		{distance.L2(-0.5), "distance: L2: most is -0.5; expected a finite number of at least 0"},
		{distance.L2(inf), "distance: L2: most is +Inf; expected a finite number of at least 0"},
		{distance.L0(-1), "distance: L0: most is -1; expected at least 0"},
		{distance.SSIMAtLeast(nan), "distance: SSIMAtLeast: least is NaN; expected a number from -1 to 1"},
		{distance.SSIMAtLeast(1.1), "distance: SSIMAtLeast: least is 1.1; expected a number from -1 to 1"},
		{distance.SSIMAtLeast(-2), "distance: SSIMAtLeast: least is -2; expected a number from -1 to 1"},
		{distance.AllOf(), "distance: AllOf: no bounds; expected at least one"},
		{distance.AllOf(distance.LInf(8), nil), "distance: AllOf: bound 1 is nil; expected a bound"},
		{distance.AllOf(distance.LInf(8), distance.L0(-1)), "distance: L0: most is -1; expected at least 0"},
	} {
		if _, err := test.bound.Around(grey(4, 4, 1)); err == nil || err.Error() != test.says {
			t.Errorf("%s: error %v; expected %q", test.bound, err, test.says)
		}
	}
	row := input.Input{Shape: []int{4}, Data: make([]float32, 4), Domain: input.Bytes}
	if _, err := distance.SSIMAtLeast(0.9).Around(row); err == nil || !strings.Contains(err.Error(), "expected an image of at least 3x3, found input [4]") {
		t.Errorf("SSIM of a row: error %v", err)
	}
}

// Replayed triggers come from files, and may not fit the seed that stands beside them.
func TestRegionsDoNotContainInputsOfAnotherSize(t *testing.T) {
	for _, bound := range someBounds {
		if model.Must(bound.Around(grey(4, 4, 1))).Contains(grey(4, 5, 1)) {
			t.Errorf("%s contains an input of another size", bound)
		}
	}
}

func TestParseBound(t *testing.T) {
	for s, want := range map[string]string{
		"linf=8": "LInf 8", "linf=0.1": "LInf 0.1", "l2=300": "L2 300", "l0=20": "L0 20", "ssim=0.9": "SSIM >= 0.9",
		"linf=8, ssim=0.9": "LInf 8, SSIM >= 0.9", " l0=0 ": "L0 0",
	} {
		bound, err := distance.ParseBound(s)
		if err != nil || bound.String() != want {
			t.Errorf("%q: got %v, error %v; expected %s", s, bound, err, want)
		}
	}
	for s, says := range map[string]string{
		"":              `"": expected linf=, l2=, l0= or ssim= and a number, found ""`,
		"l1=8":          `"l1=8": expected linf=, l2=, l0= or ssim= and a number, found "l1"`,
		"linf":          `"linf": expected a number, found ""`,
		"l2=far":        `"l2=far": expected a number, found "far"`,
		"l0=1.5":        `"l0=1.5": expected a whole number, found "1.5"`,
		"ssim=2":        `"ssim=2": SSIMAtLeast: least is 2; expected a number from -1 to 1`,
		"l2=-1":         `"l2=-1": L2: most is -1; expected a finite number of at least 0`,
		"linf=1e99":     `"linf=1e99": LInf: most is +Inf; expected a finite number of at least 0`,
		"linf=NaN":      `"linf=NaN": LInf: most is NaN; expected a finite number of at least 0`,
		"l0=3,":         `"": expected linf=, l2=, l0= or ssim= and a number, found ""`,
		"linf=8,linf=4": `"linf=8,linf=4" has linf twice; expected it once`,
	} {
		if bound, err := distance.ParseBound(s); err == nil || bound != nil || !strings.HasSuffix(err.Error(), says) || !strings.HasPrefix(err.Error(), "distance: ParseBound: ") {
			t.Errorf("%q: got %v, error %v; expected one that says %s", s, bound, err, says)
		}
	}
}

// What is parsed can be searched within.
func FuzzParseBound(f *testing.F) {
	for _, s := range []string{"linf=8", "l2=300", "l0=20", "ssim=0.9", "linf=8, ssim=0.9", "l2=1e-300", "linf=0x1p-3", "ssim=-0", "l0=99999999999", "l2=,"} {
		f.Add(s)
	}
	seed := grey(5, 4, 1)
	f.Fuzz(func(t *testing.T, s string) {
		bound, err := distance.ParseBound(s)
		if err != nil {
			return
		}
		region, err := bound.Around(seed)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		candidate := changed(seed, len(seed.Data), 60)
		region.Project(candidate)
		if !region.Contains(candidate) || candidate.Validate() != nil {
			t.Fatalf("%s: moved a candidate to %v", bound, candidate.Data)
		}
	})
}

func BenchmarkProject(b *testing.B) {
	for _, shape := range [][3]int{{28, 28, 1}, {32, 32, 3}} {
		seed := grey(shape[0], shape[1], shape[2])
		candidate, far := seed.Clone(), seed.Clone()
		for i := range far.Data {
			far.Data[i] = input.Bytes.Snap(far.Data[i] + float32(i*31%121-60))
		}
		for _, bound := range someBounds {
			region := model.Must(bound.Around(seed))
			b.Run(fmt.Sprintf("%dx%dx%d/%s", shape[0], shape[1], shape[2], bound), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					copy(candidate.Data, far.Data)
					region.Project(candidate)
				}
			})
		}
	}
}

func TestLInfBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := input.Bytes
		if rapid.Bool().Draw(t, "continuous") {
			d = input.Domain{Min: -1, Max: 1}
		}
		r := rapid.Float32Range(0, d.Range()/2).Draw(t, "r")
		seed := input.Input{Shape: []int{3}, Domain: d, Data: make([]float32, 3)}
		candidate := seed.Clone()
		for i := range seed.Data {
			seed.Data[i] = d.Snap(rapid.Float32Range(d.Min, d.Max).Draw(t, "seed"))
			candidate.Data[i] = d.Snap(rapid.Float32Range(d.Min, d.Max).Draw(t, "candidate"))
		}
		before := candidate.Clone()
		region := model.Must(distance.LInf(r).Around(seed))
		region.Project(candidate)
		if !region.Contains(candidate) {
			t.Fatalf("%v is not within %v of %v", candidate.Data, r, seed.Data)
		}
		if err := candidate.Validate(); err != nil {
			t.Fatal(err)
		}
		for i, v := range candidate.Data {
			if diff := float64(v) - float64(seed.Data[i]); math.Abs(diff) > float64(r)+1e-6*float64(d.Range()) { // float32 rounds
				t.Fatalf("value %g is %g from %g, bound %g", v, diff, seed.Data[i], r)
			}
			if math.Abs(float64(before.Data[i])-float64(seed.Data[i])) <= float64(r)-1e-6*float64(d.Range()) && before.Data[i] != v {
				t.Fatalf("value %g within the bound was moved to %g", before.Data[i], v)
			}
		}
	})
}
