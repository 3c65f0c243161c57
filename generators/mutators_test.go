package generators_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
	"pgregory.net/rapid"
)

// must returns a function that takes what a constructor returns and fails the test for an error.
func must(t testing.TB) func(input.Mutator, error) input.Mutator {
	return func(m input.Mutator, err error) input.Mutator {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}

// corruptions are the operators of that set, without the one that is in Published too.
func corruptions() (operators []input.Mutator) {
	for _, m := range generators.Corruptions()[1:] {
		operators = append(operators, m)
	}
	return operators
}

// allMutators are all sets and operators with the most extreme parameters.
func allMutators(t testing.TB) []input.Mutator {
	t.Helper()
	extreme := must(t)
	return slices.Concat(generators.Published(), generators.Released(), corruptions(), []input.Mutator{
		extreme(generators.GaussianNoise(generators.Exactly(10))),
		extreme(generators.SaltAndPepper(generators.Exactly(1))),
		extreme(generators.SpeckleNoise(generators.Exactly(-1), generators.Exactly(10))),
		extreme(generators.PixelChange(500)),
		extreme(generators.AverageBlur(1, 2, 3, 4, 15, 16)),
		extreme(generators.GaussianBlur(1, 3, 5, 7)),
		extreme(generators.MedianBlur(1, 3, 5, 7, 9, 15)),
	})
}

func supports(m input.Mutator, in input.Input) bool {
	s, ok := m.(input.InputSupporter)
	return !ok || s.Supports(in) == nil
}

func randomInput(shape []int, domain input.Domain, rng *rand.Rand) input.Input {
	n := 1
	for _, d := range shape {
		n *= d
	}
	in := input.Input{Shape: shape, Data: make([]float32, n), Domain: domain, Kind: inputtest.KindOf(shape)}
	for i := range in.Data {
		in.Data[i] = domain.Snap(domain.Min + domain.Range()*rng.Float32())
	}
	return in
}

var domains = []input.Domain{
	input.Bytes, {Min: 0, Max: 1}, {Min: -1, Max: 1}, {Min: 0, Max: 1, Step: 1.0 / 255}, {Min: -128, Max: 127, Step: 1},
}

func drawShape(t *rapid.T) []int {
	if rapid.Bool().Draw(t, "image") {
		side := rapid.OneOf(rapid.IntRange(1, 4), rapid.IntRange(1, 20))
		return []int{side.Draw(t, "height"), side.Draw(t, "width"), rapid.IntRange(1, 5).Draw(t, "channels")}
	}
	return rapid.SliceOfN(rapid.IntRange(1, 5), 1, 4).Draw(t, "shape")
}

func TestMutatorsKeepTheContract(t *testing.T) {
	mutators := allMutators(t)
	rapid.Check(t, func(t *rapid.T) {
		domain := rapid.SampledFrom(domains).Draw(t, "domain")
		seed := rapid.Uint64().Draw(t, "random seed")
		src := randomInput(drawShape(t), domain, rand.New(rand.NewPCG(seed, 0)))
		for _, m := range mutators {
			checkContract(t, m, src, seed)
		}
	})
}

func checkContract(t *rapid.T, m input.Mutator, src input.Input, seed uint64) {
	before, first, second := src.Clone(), src.Clone(), src.Clone()
	for i := range second.Data {
		second.Data[i] = src.Domain.Max // what dst holds before must not matter
	}
	m.Mutate(first, src, rand.New(rand.NewPCG(seed, 1)))
	m.Mutate(second, src, rand.New(rand.NewPCG(seed, 1)))

	if diff := cmp.Diff(before, src); diff != "" {
		t.Fatalf("%s changed its source (-before +after):\n%s", m, diff)
	}
	if !slices.Equal(first.Data, second.Data) {
		t.Fatalf("%s: expected the same mutant from the same random stream", m)
	}
	if err := first.Validate(); err != nil {
		t.Fatalf("%s: %v", m, err)
	}
	if !supports(m, src) && !slices.Equal(first.Data, src.Data) {
		t.Fatalf("%s: expected an input that is not supported to be copied", m)
	}
}

func TestPublishedOperatorsAlwaysChangeSomething(t *testing.T) {
	src := randomInput([]int{28, 28, 1}, input.Bytes, rand.New(rand.NewPCG(1, 2)))
	for _, m := range generators.Published() {
		rng := rand.New(rand.NewPCG(3, 4))
		for i := range 50 {
			dst := src.Clone()
			m.Mutate(dst, src, rng)
			if slices.Equal(dst.Data, src.Data) {
				t.Errorf("%s: mutant %d equals its source", m, i)
				break
			}
		}
	}
}

func TestBlursKeepAConstantImage(t *testing.T) {
	for _, domain := range domains {
		value := domain.Snap(domain.Min + 0.3*domain.Range())
		src := input.Input{Shape: []int{6, 5, 2}, Kind: input.Image, Data: slices.Repeat([]float32{value}, 60), Domain: domain}
		for _, m := range generators.Published()[4:] {
			for range 20 {
				dst := src.Clone()
				m.Mutate(dst, src, rand.New(rand.NewPCG(1, 2)))
				if diff := cmp.Diff(src.Data, dst.Data); diff != "" {
					t.Fatalf("%s on %s (-source +mutant):\n%s", m, domain, diff)
				}
			}
		}
	}
}

// On values that are bytes but declared as a continuous domain the blurs must find the unrounded
// means and the same medians.
func TestBlursOfRealsAgreeWithThoseOfBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	tests := []struct {
		name        string
		constructor func(...int) (input.Mutator, error)
		kernels     []int
		tolerance   float64
		reason      string
	}{
		{"average", generators.AverageBlur, []int{2, 4}, 1, "OpenCV rounds up for powers of two"},
		{"average", generators.AverageBlur, []int{3, 5, 15}, 0.5, "rounding to the nearest"},
		{"gaussian", generators.GaussianBlur, []int{3, 5, 7}, 0.5, "rounding to the nearest"},
		{"median", generators.MedianBlur, []int{3, 5, 7, 15}, 0, "a median is one of the values"},
	}
	for _, test := range tests {
		for _, k := range test.kernels {
			m := must(t)(test.constructor(k))
			bytes := randomInput([]int{9, 13, 3}, input.Bytes, rng)
			reals := bytes.Clone()
			reals.Domain.Step = 0
			ofBytes, ofReals := bytes.Clone(), reals.Clone()
			m.Mutate(ofBytes, bytes, rng)
			m.Mutate(ofReals, reals, rng)
			for i, v := range ofReals.Data {
				if d := math.Abs(float64(v - ofBytes.Data[i])); d > test.tolerance {
					t.Errorf("%s k=%d: value %d: %g and %g differ by more than %g (%s)",
						test.name, k, i, v, ofBytes.Data[i], test.tolerance, test.reason)
					break
				}
			}
		}
	}
}

func TestGaussianNoiseHasItsSigma(t *testing.T) {
	m := must(t)(generators.GaussianNoise(generators.Exactly(0.1)))
	src := input.Input{Shape: []int{100, 100}, Kind: input.Image, Data: slices.Repeat([]float32{0.5}, 10000), Domain: input.Domain{Min: 0, Max: 1}}
	mean, sigma := momentsOfMutant(m, src)
	if math.Abs(mean-0.5) > 0.005 || math.Abs(sigma-0.1) > 0.005 {
		t.Errorf("expected mean 0.5 and sigma 0.1, found %.4f and %.4f", mean, sigma)
	}
}

func TestSpeckleNoiseScalesWithTheValue(t *testing.T) {
	m := must(t)(generators.SpeckleNoise(generators.Exactly(-0.25), generators.Exactly(0.1)))
	for _, test := range []struct {
		domain              input.Domain
		value               float32
		wantMean, wantSigma float64
	}{
		{input.Domain{Min: 0, Max: 1}, 0.4, 0.3, 0.04},
		{input.Domain{Min: -1, Max: 1}, -0.6, -0.7, 0.04}, // 0.4 above the lowest
		{input.Domain{Min: -1, Max: 1}, -1, -1, 0},
	} {
		src := input.Input{Shape: []int{10000}, Data: slices.Repeat([]float32{test.value}, 10000), Domain: test.domain}
		mean, sigma := momentsOfMutant(m, src)
		if math.Abs(mean-test.wantMean) > 0.003 || math.Abs(sigma-test.wantSigma) > 0.003 {
			t.Errorf("%g of %s: expected mean %g and sigma %g, found %.4f and %.4f",
				test.value, test.domain, test.wantMean, test.wantSigma, mean, sigma)
		}
	}
}

func momentsOfMutant(m input.Mutator, src input.Input) (mean, sigma float64) {
	dst := src.Clone()
	m.Mutate(dst, src, rand.New(rand.NewPCG(7, 8)))
	for _, v := range dst.Data {
		mean += float64(v) / float64(len(dst.Data))
	}
	for _, v := range dst.Data {
		sigma += (float64(v) - mean) * (float64(v) - mean) / float64(len(dst.Data))
	}
	return mean, math.Sqrt(sigma)
}

func TestSaltAndPepperCounts(t *testing.T) {
	m := must(t)(generators.SaltAndPepper(generators.Exactly(0.02)))
	src := input.Input{Shape: []int{100, 100}, Kind: input.Image, Data: slices.Repeat([]float32{9}, 10000), Domain: input.Bytes}
	dst := src.Clone()
	m.Mutate(dst, src, rand.New(rand.NewPCG(7, 8)))
	counts := map[float32]int{}
	for _, v := range dst.Data {
		counts[v]++
	}
	// 100 draws each, with replacement: a few meet.
	if len(counts) != 3 || counts[255] < 95 || counts[255] > 100 || counts[0] < 95 || counts[0] > 100 {
		t.Errorf("expected about 100 values of 255 and of 0 among 9, found %v", counts)
	}
}

func TestPixelChangeChangesWholePixels(t *testing.T) {
	m := must(t)(generators.PixelChange(3))
	src := input.Input{Shape: []int{20, 20, 3}, Kind: input.Image, Data: slices.Repeat([]float32{-1}, 1200), Domain: input.Domain{Min: -1, Max: 1}}
	seen := map[int]bool{}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		dst := src.Clone()
		m.Mutate(dst, src, rng)
		pixels := 0
		for p := range 400 {
			changed := 0
			for _, v := range dst.Data[3*p : 3*p+3] {
				if v != -1 {
					changed++
				}
			}
			if changed != 0 && changed != 3 {
				t.Fatalf("pixel %d: %d of 3 channels changed", p, changed)
			}
			pixels += changed / 3
		}
		seen[pixels] = true
	}
	if diff := cmp.Diff(map[int]bool{1: true, 2: true, 3: true}, seen); diff != "" {
		t.Errorf("numbers of changed pixels (-want +got):\n%s", diff)
	}
}

func TestReleasedOperatorsFollowTheArtefact(t *testing.T) {
	grey := input.Input{Shape: []int{40, 50, 1}, Kind: input.Image, Data: slices.Repeat([]float32{100}, 2000), Domain: input.Bytes}
	count := func(name string, random uint64) map[float32]int {
		m := must(t)(generators.ByName(name))
		dst := grey.Clone()
		m.Mutate(dst, grey, rand.New(rand.NewPCG(random, 0)))
		counts := map[float32]int{}
		for _, v := range dst.Data {
			counts[v]++
		}
		return counts
	}
	t.Run("gaussian noise lowers half of the values by one", func(t *testing.T) {
		counts := count("released-gaussian-noise", 1)
		if counts[99] < 900 || counts[99] > 1100 || counts[99]+counts[100] < 1990 {
			t.Errorf("found %v", counts)
		}
	})
	t.Run("salt and pepper sets 4 of 2000 each", func(t *testing.T) {
		counts := count("released-salt-and-pepper", 1)
		if counts[255]+counts[0] < 6 || counts[255] > 4 || counts[0] > 4 {
			t.Errorf("found %v", counts)
		}
	})
	t.Run("pixel change sets 0 to 9 values", func(t *testing.T) {
		seen := map[int]bool{}
		for random := range uint64(300) {
			counts := count("released-pixel-change", random)
			seen[2000-counts[100]] = true
		}
		for n := range 10 {
			if !seen[n] {
				t.Errorf("never changed %d values", n)
			}
		}
		if seen[10] {
			t.Error("changed 10 values")
		}
	})
	t.Run("speckle noise wraps around", func(t *testing.T) {
		m := must(t)(generators.ByName("released-speckle-noise"))
		white := input.Input{Shape: []int{2000}, Data: slices.Repeat([]float32{255}, 2000), Domain: input.Bytes}
		dst := white.Clone()
		for random := range uint64(20) {
			m.Mutate(dst, white, rand.New(rand.NewPCG(random, 0)))
			if slices.Min(dst.Data) < 60 { // 255 * 0.3 is out of reach without wrapping, unless unlucky
				return
			}
		}
		t.Error("expected dark values made of white ones")
	})
}

func TestReleasedOperatorsAreForBytesOnly(t *testing.T) {
	in := input.Input{Shape: []int{2, 2, 1}, Kind: input.Image, Data: []float32{0, 0, 0.5, 1}, Domain: input.Domain{Min: 0, Max: 1}}
	for _, m := range generators.Released() {
		err := m.(input.InputSupporter).Supports(in)
		if err == nil || err.Error() != m.String()+": expected the domain 0..255 step 1, found 0..1" {
			t.Errorf("%s: found %v", m, err)
		}
	}
}

func TestBlursNeedAnImage(t *testing.T) {
	in := input.Input{Shape: []int{4}, Data: make([]float32, 4), Domain: input.Bytes}
	for _, m := range generators.Published()[4:] {
		err := m.(input.InputSupporter).Supports(in)
		if err == nil || !strings.Contains(err.Error(), m.String()+": expected an image") || !strings.Contains(err.Error(), "found input [4]") {
			t.Errorf("%s: found %v", m, err)
		}
	}
}

func TestConstructorsRefuse(t *testing.T) {
	nan := math.NaN()
	refused := func(_ input.Mutator, err error) error { return err }
	tests := []struct {
		err  error
		want string
	}{
		{refused(generators.GaussianNoise(generators.Between(0.2, 0.1))), "gaussian-noise: sigma 0.2..0.1: expected low <= high, both within 0..10"},
		{refused(generators.GaussianNoise(generators.Exactly(25.5))), "gaussian-noise: sigma 25.5..25.5: expected low <= high, both within 0..10"},
		{refused(generators.GaussianNoise(generators.Exactly(nan))), "gaussian-noise: sigma NaN..NaN: expected low <= high, both within 0..10"},
		{refused(generators.SpeckleNoise(generators.Exactly(-2), generators.Exactly(0))), "speckle-noise: mean -2..-2: expected low <= high, both within -1..10"},
		{refused(generators.SpeckleNoise(generators.Exactly(0), generators.Exactly(math.Inf(1)))), "speckle-noise: sigma +Inf..+Inf: expected low <= high, both within 0..10"},
		{refused(generators.SaltAndPepper(generators.Between(0, 1.5))), "salt-and-pepper: amount 0..1.5: expected low <= high, both within 0..1"},
		{refused(generators.PixelChange(0)), "pixel-change: at most 0 pixels: expected at least 1"},
		{refused(generators.AverageBlur()), "average-blur: expected at least one kernel size, found none"},
		{refused(generators.AverageBlur(3, 17)), "average-blur: kernel size 17: expected 1 to 16"},
		{refused(generators.GaussianBlur(4)), "gaussian-blur: kernel size 4: expected 1, 3, 5 or 7"},
		{refused(generators.MedianBlur(2)), "median-blur: kernel size 2: expected an odd number from 1 to 15"},
		{refused(generators.ByName("sepia")), `operator "sepia": expected one of gaussian-noise, salt-and-pepper`},
	}
	for _, test := range tests {
		if test.err == nil || !strings.HasPrefix(test.err.Error(), "generators: "+test.want) {
			t.Errorf("expected %q, found %v", test.want, test.err)
		}
	}
}

func TestNamesFindTheirOperators(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range slices.Concat(generators.Published(), corruptions(), generators.Released()) {
		found, err := generators.ByName(m.String())
		if err != nil || found != m || seen[m.String()] {
			t.Errorf("%s: found %v, %v", m, found, err)
		}
		seen[m.String()] = true
	}
	if len(seen) != 30 {
		t.Errorf("expected 30 operators, found %d", len(seen))
	}
}

func TestMutatorsRunConcurrently(t *testing.T) {
	src := randomInput([]int{16, 16, 3}, input.Bytes, rand.New(rand.NewPCG(1, 2)))
	mutate := func(m input.Mutator, random uint64) []float32 {
		dst := src.Clone()
		m.Mutate(dst, src, rand.New(rand.NewPCG(random, 0)))
		return dst.Data
	}
	for _, m := range allMutators(t) {
		want := make([][]float32, 8)
		for i := range want {
			want[i] = mutate(m, uint64(i))
		}
		var wg sync.WaitGroup
		for i := range want {
			wg.Go(func() {
				for range 20 {
					if !slices.Equal(mutate(m, uint64(i)), want[i]) {
						t.Errorf("%s: another mutant when run concurrently", m)
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestMutatorsDoNotAllocate(t *testing.T) {
	if inputtest.RaceDetector {
		t.Skip("the race detector makes sync.Pool forget")
	}
	for _, domain := range []input.Domain{input.Bytes, {Min: -1, Max: 1}} {
		src := randomInput([]int{28, 28, 3}, domain, rand.New(rand.NewPCG(1, 2)))
		dst, rng := src.Clone(), rand.New(rand.NewPCG(3, 4))
		for _, m := range allMutators(t) {
			if n := testing.AllocsPerRun(50, func() { m.Mutate(dst, src, rng) }); n != 0 {
				t.Errorf("%s on %s: expected no allocation, found %g a mutant", m, domain, n)
			}
		}
	}
}

func BenchmarkMutators(b *testing.B) {
	for _, shape := range [][]int{{28, 28, 1}, {32, 32, 3}, {224, 224, 3}} {
		for _, m := range slices.Concat(generators.Published(), generators.Released(), corruptions()) {
			benchmarkMutator(b, m, shape, input.Bytes)
		}
	}
}

func BenchmarkMutatorsOnReals(b *testing.B) {
	for _, m := range slices.Concat(generators.Published(), corruptions()) {
		benchmarkMutator(b, m, []int{28, 28, 1}, input.Domain{Min: 0, Max: 1})
	}
}

func BenchmarkBlurKernels(b *testing.B) {
	for _, k := range []int{3, 5, 7} {
		for _, constructor := range []func(...int) (input.Mutator, error){
			generators.AverageBlur, generators.GaussianBlur, generators.MedianBlur,
		} {
			b.Run(fmt.Sprint("k=", k), func(b *testing.B) {
				benchmarkMutator(b, must(b)(constructor(k)), []int{28, 28, 1}, input.Bytes)
			})
		}
	}
}

func benchmarkMutator(b *testing.B, m input.Mutator, shape []int, domain input.Domain) {
	b.Run(fmt.Sprintf("%s/%dx%dx%d", m, shape[0], shape[1], shape[2]), func(b *testing.B) {
		src := randomInput(shape, domain, rand.New(rand.NewPCG(1, 2)))
		if !supports(m, src) {
			b.Skip("not for such an input")
		}
		dst, rng := src.Clone(), rand.New(rand.NewPCG(3, 4))
		b.ReportAllocs()
		for b.Loop() {
			m.Mutate(dst, src, rng)
		}
	})
}
